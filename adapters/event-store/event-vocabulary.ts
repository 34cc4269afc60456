import { z } from 'zod';
import type { BootImages, FlavorSnapshot } from '../../domain/instance/boot-images.ts';
import type {
  ComputeServiceId,
  HostName,
  ImageId,
  Instant,
  InstanceId,
  MigrationId,
  ProjectId,
  RequestId,
  ServerGroupId,
  ServiceVersion,
  UserId,
} from '../../domain/shared/ids.ts';
import type { Initiator } from '../../domain/shared/initiator.ts';

/**
 * Builds every object of an event schema. `z.strictObject` when an event is written (an unknown key is our bug),
 * `z.object` when it is read (an unknown key is an optional addition of a newer Lifeboat).
 */
export type ObjectSchema = <Shape extends z.core.$ZodShape>(shape: Shape) => z.ZodObject<Shape>;

// Brands exist for the compiler only. No patterns here: the edges have checked the text before it became an event, and
// a replay runs every one of these a million times.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const branded = <Value>(schema: z.ZodType): z.ZodType<Value> => schema as z.ZodType<Value>;
const named = <Name extends string>(): z.ZodType<Name> => branded<Name>(z.string());

export const hostName = named<HostName>();
export const instanceId = named<InstanceId>();
export const migrationId = named<MigrationId>();
export const imageId = named<ImageId>();
export const computeServiceId = named<ComputeServiceId>();
export const serverGroupId = named<ServerGroupId>();
export const userId = named<UserId>();
export const instant = named<Instant>();
export const serviceVersion = branded<ServiceVersion>(z.int());

export const blockMigration = z.union([z.boolean(), z.literal('auto')]);

/** zod's own `.readonly()` would freeze each array, at run time, for a fact only the compiler needs. */
export const list = <Item>(item: z.ZodType<Item>): z.ZodType<readonly Item[]> => z.array(item);

export const initiator = (object: ObjectSchema): z.ZodType<Initiator> =>
  object({ requestId: named<RequestId>(), userId: named<UserId>(), projectId: named<ProjectId>() });

export const bootImages = (object: ObjectSchema): z.ZodType<BootImages> =>
  object({ imageId, kernelId: imageId.nullable(), ramdiskId: imageId.nullable() });

export const flavorSnapshot = (object: ObjectSchema): z.ZodType<FlavorSnapshot> =>
  object({
    id: z.string(),
    name: z.string(),
    vcpus: z.int(),
    ramMiB: z.int(),
    diskGiB: z.int(),
    ephemeralGiB: z.int().exactOptional(),
    swapMiB: z.int().exactOptional(),
  });
