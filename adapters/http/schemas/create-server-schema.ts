import { z } from 'zod';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import { NO_DETAILS, type InstanceDetails } from '../../../domain/instance/instance-details.ts';
import { hostName, imageId, type HostName, type ImageId } from '../../../domain/shared/ids.ts';
import { pythonRepr, pythonStr } from '../python-repr.ts';
import { supports } from '../supports.ts';
import { booleanParameter, boundedString, closedObject, notOfType, oneOf, UUID } from './json-schema-types.ts';
import { DETAILS, detailsOf } from './server-details-schema.ts';
import { metadataItems } from './server-metadata-schema.ts';
import { tagList } from './server-tags-schema.ts';
import { userData } from './user-data-schema.ts';
import { resourceName } from './resource-name.ts';
import { wholeNumber } from './whole-number.ts';
import { schedulerHints } from './scheduler-hints-schema.ts';
import { additionalProperties, validate, type Validated } from './validate.ts';

export type CreateServerBody = {
  readonly name: string;
  /** Null: the client wants to boot from something else. */
  readonly imageId: ImageId | null;
  readonly flavorId: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly adminPass: string | null;
  readonly availabilityZone: string;
  readonly host: HostName | null;
  readonly hypervisorHostname: string | null;
  readonly networks: WantedNetworks;
  /** Null: not given. */
  readonly minimumCount: number | null;
  readonly maximumCount: number | null;
  readonly returnReservationId: boolean;
  readonly keyName: string | null;
  readonly tags: readonly string[];
  readonly details: InstanceDetails;
  readonly configDrive: boolean;
  /** Base64; null: none. */
  readonly userData: string | null;
  readonly schedulerHints: Readonly<Record<string, string | readonly string[]>>;
  /** Names of known properties that ask for something this release has not. */
  readonly unavailable: readonly string[];
};

const host = boundedString({ charactersMin: 1, charactersMax: 255, pattern: /^[a-zA-Z0-9-._]*$/ });

const underNone = ({ input }: { readonly input?: unknown }) =>
  `${pythonRepr(input)} is not valid under any of the given schemas`;
const imageRef = z
  .string({ error: underNone })
  .regex(new RegExp(`${UUID.source}|^$`), { error: underNone })
  .optional();

/** `other`: names a port or an address of its own, which this release cannot give. */
export type WantedNetworks = 'none' | 'auto' | 'other' | readonly string[];

const networkList = z.array(z.unknown(), { error: notOfType('array') });
const onlyNetwork = z.array(z.strictObject({ uuid: z.string().regex(UUID) }));

function networksOf(given: unknown): WantedNetworks {
  if (given === undefined || given === 'none') return 'none';
  if (given === 'auto') return 'auto';
  const named = onlyNetwork.safeParse(given);
  return named.success ? named.data.map(({ uuid }) => uuid.toLowerCase()) : 'other';
}

const networkListOrWord = z.union([networkList, oneOf(['none', 'auto'])], { error: underNone });

const inert = z.unknown().optional();
/** Known properties that nothing here can act on: a value that asks for nothing is taken, any other is refused. */
const INERT_PROPERTIES = {
  block_device_mapping: inert,
  block_device_mapping_v2: inert,
  personality: inert,
  security_groups: inert,
  trusted_image_certificates: inert,
};

/** Nova names what is missing in the order of these keys. */
const serverWith = (networks: z.ZodType<WantedNetworks>) =>
  closedObject({
    server: closedObject({
      name: resourceName,
      flavorRef: z.union([boundedString({ charactersMin: 1, charactersMax: 255 }), z.int().min(0).transform(String)], {
        error: notOfType('string', 'integer'),
      }),
      imageRef,
      networks,
      metadata: metadataItems.optional(),
      adminPass: boundedString({ charactersMax: 255 }).optional(),
      availability_zone: boundedString({ charactersMax: 255, types: ['string', 'null'] })
        .nullable()
        .optional(),
      min_count: wholeNumber(1).optional(),
      max_count: wholeNumber(1).optional(),
      host: host.optional(),
      hypervisor_hostname: host.optional(),
      key_name: boundedString({ charactersMin: 1, charactersMax: 255, types: ['string', 'null'] })
        .nullable()
        .optional(),
      return_reservation_id: booleanParameter.optional(),
      tags: tagList.optional(),
      user_data: userData('string').optional(),
      config_drive: z.union([booleanParameter, z.null(), z.literal('')]).optional(),
      ...DETAILS,
      ...INERT_PROPERTIES,
    }),
    'os:scheduler_hints': schedulerHints.optional(),
    'OS-SCH-HNT:scheduler_hints': schedulerHints.optional(),
  });

const SINCE_2_1 = serverWith(networkList.optional().transform(networksOf));
const SINCE_2_37 = serverWith(networkListOrWord.transform(networksOf));
type Parsed = z.output<typeof SINCE_2_1>;

/** Minor microversions outside of which a property is as unknown as any other word. */
const PROPERTY_SINCE: ReadonlyMap<string, number> = new Map([
  ['description', 19],
  ['tags', 52],
  ['trusted_image_certificates', 63],
  ['host', 74],
  ['hypervisor_hostname', 74],
  ['hostname', 90],
]);
const PERSONALITY_GONE_SINCE = 57;

/** `POST /servers` (nova.md R). */
export function validateCreateServer(microversion: Microversion, body: unknown): Validated<CreateServerBody> {
  const foreign = propertiesOfOtherMicroversions(microversion, body);
  if (foreign !== null) return { valid: false, message: foreign };
  const validated = validate(supports(microversion, 37) ? SINCE_2_37 : SINCE_2_1, body);
  return validated.valid ? { valid: true, value: createServerBody(validated.value, microversion) } : validated;
}

const isForeign = (key: string, microversion: Microversion): boolean =>
  !supports(microversion, PROPERTY_SINCE.get(key) ?? 1) ||
  (key === 'personality' && supports(microversion, PERSONALITY_GONE_SINCE));

/** What `validateCreateServer` accepts, as one schema. */
export function createServerSchema(microversion: Microversion): z.ZodType {
  const { server, ...hints } = (supports(microversion, 37) ? SINCE_2_37 : SINCE_2_1).shape;
  const known = Object.entries(server.shape).filter(([key]) => !isForeign(key, microversion));
  return closedObject({ server: closedObject(Object.fromEntries(known)), ...hints });
}

function propertiesOfOtherMicroversions(microversion: Microversion, body: unknown): string | null {
  const server = propertyOf(body, 'server');
  const keys = typeof server === 'object' && server !== null ? Object.keys(server) : [];
  const foreign = keys.filter((key) => isForeign(key, microversion));
  if (foreign.length === 0) return null;
  return `Invalid input for field/attribute server. Value: ${pythonStr(server)}. ${additionalProperties(foreign)}`;
}

function propertyOf(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null
    ? Object.entries(body).find(([key]) => key === name)?.[1]
    : undefined;
}

function createServerBody(parsed: Parsed, microversion: Microversion): CreateServerBody {
  const { server } = parsed;
  return {
    name: server.name,
    imageId: server.imageRef ? imageId(server.imageRef.toLowerCase()) : null,
    flavorId: lastPart(server.flavorRef),
    metadata: server.metadata ?? {},
    adminPass: server.adminPass ?? null,
    availabilityZone: server.availability_zone ?? '',
    host: server.host === undefined ? null : hostName(server.host),
    hypervisorHostname: server.hypervisor_hostname ?? null,
    networks: server.networks,
    minimumCount: server.min_count ?? null,
    maximumCount: server.max_count ?? null,
    returnReservationId: server.return_reservation_id ?? false,
    keyName: server.key_name ?? null,
    configDrive: server.config_drive === true,
    userData: server.user_data ?? null,
    tags: [...new Set(server.tags)],
    details: {
      ...NO_DETAILS,
      ...(supports(microversion, 19) ? {} : { description: server.name }),
      ...detailsOf(server),
    },
    schedulerHints: { ...parsed['OS-SCH-HNT:scheduler_hints'], ...parsed['os:scheduler_hints'] },
    unavailable: unavailableOf(server),
  };
}

const unavailableOf = (server: Parsed['server']): readonly string[] =>
  Object.entries(server)
    .filter(
      ([name, value]) => Object.hasOwn(INERT_PROPERTIES, name) && !asksForNothing(value) && !isDefault(name, value),
    )
    .map(([name]) => name);

function asksForNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

const isDefault = (name: string, value: unknown): boolean =>
  name === 'security_groups' && JSON.stringify(value) === '[{"name":"default"}]';

/** Clients may give a whole address of a flavor. */
const lastPart = (reference: string): string => reference.split('/').at(-1) ?? reference;
