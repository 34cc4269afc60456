import { z } from 'zod';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import { hostName, imageId, type HostName, type ImageId } from '../../../domain/shared/ids.ts';
import { pythonRepr, pythonStr } from '../python-repr.ts';
import { supports } from '../supports.ts';
import { booleanParameter, boundedString, closedObject, notOfType, oneOf, UUID } from './json-schema-types.ts';
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
  readonly networksWanted: boolean;
  readonly count: number;
  /** Names of known properties that ask for something this release has not. */
  readonly unavailable: readonly string[];
};

const METADATA_ITEMS_MAX = 128;

const host = boundedString({ charactersMin: 1, charactersMax: 255, pattern: /^[a-zA-Z0-9-._]*$/ });

const count = z.union(
  [
    z.int().min(1),
    z
      .string()
      .regex(/^[1-9]\d{0,8}$/)
      .transform(Number),
  ],
  {
    error: notOfType('integer', 'string'),
  },
);

const metadata = z
  .record(z.string().regex(/^[a-zA-Z0-9-_:. ]{1,255}$/), boundedString({ charactersMax: 255 }), {
    error: ({ input }) => (input instanceof Object ? 'a metadata key is invalid' : notOfType('object')({ input })),
  })
  .refine((items) => Object.keys(items).length <= METADATA_ITEMS_MAX, {
    error: `more than ${METADATA_ITEMS_MAX} metadata items`,
  });

const networksOf = (given: unknown): 'none' | 'wanted' => (given === undefined || given === 'none' ? 'none' : 'wanted');

const networkList = z.array(z.unknown(), { error: notOfType('array') });
const networkListOrWord = z.union([networkList, oneOf(['none', 'auto'])], {
  error: ({ input }) => `${pythonRepr(input)} is not valid under any of the given schemas`,
});

const inert = z.unknown().optional();
/** Known properties that nothing here can act on: a value that asks for nothing is taken, any other is refused. */
const INERT_PROPERTIES = {
  'OS-DCF:diskConfig': inert,
  accessIPv4: inert,
  accessIPv6: inert,
  block_device_mapping: inert,
  block_device_mapping_v2: inert,
  config_drive: z.union([booleanParameter, z.null(), z.literal('')]).optional(),
  key_name: inert,
  personality: inert,
  return_reservation_id: booleanParameter.optional(),
  security_groups: inert,
  user_data: inert,
  description: inert,
  tags: inert,
  trusted_image_certificates: inert,
  hostname: inert,
};

/** Nova names what is missing in the order of these keys. */
const serverWith = (networks: z.ZodType<'none' | 'wanted'>) =>
  closedObject({
    server: closedObject({
      name: boundedString({ charactersMin: 1, charactersMax: 255 }),
      flavorRef: z.union([boundedString({ charactersMin: 1, charactersMax: 255 }), z.int().min(0).transform(String)], {
        error: notOfType('string', 'integer'),
      }),
      imageRef: boundedString({ charactersMax: 255 }).optional(),
      networks,
      metadata: metadata.optional(),
      adminPass: boundedString({ charactersMax: 255 }).optional(),
      availability_zone: boundedString({ charactersMax: 255, types: ['string', 'null'] })
        .nullable()
        .optional(),
      min_count: count.optional(),
      max_count: count.optional(),
      host: host.optional(),
      hypervisor_hostname: host.optional(),
      ...INERT_PROPERTIES,
    }),
    'os:scheduler_hints': z.looseObject({}, { error: notOfType('object') }).optional(),
    'OS-SCH-HNT:scheduler_hints': z.looseObject({}, { error: notOfType('object') }).optional(),
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
  return validated.valid ? { valid: true, value: createServerBody(validated.value) } : validated;
}

function propertiesOfOtherMicroversions(microversion: Microversion, body: unknown): string | null {
  const server = propertyOf(body, 'server');
  const keys = typeof server === 'object' && server !== null ? Object.keys(server) : [];
  const foreign = keys.filter(
    (key) =>
      !supports(microversion, PROPERTY_SINCE.get(key) ?? 1) ||
      (key === 'personality' && supports(microversion, PERSONALITY_GONE_SINCE)),
  );
  if (foreign.length === 0) return null;
  return `Invalid input for field/attribute server. Value: ${pythonStr(server)}. ${additionalProperties(foreign)}`;
}

function propertyOf(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null
    ? Object.entries(body).find(([key]) => key === name)?.[1]
    : undefined;
}

function createServerBody(parsed: Parsed): CreateServerBody {
  const { server } = parsed;
  const hints = [parsed['os:scheduler_hints'], parsed['OS-SCH-HNT:scheduler_hints']];
  return {
    name: server.name.trim(),
    imageId: imageIdOf(server.imageRef ?? ''),
    flavorId: lastPart(server.flavorRef),
    metadata: server.metadata ?? {},
    adminPass: server.adminPass ?? null,
    availabilityZone: server.availability_zone ?? '',
    host: server.host === undefined ? null : hostName(server.host),
    hypervisorHostname: server.hypervisor_hostname ?? null,
    networksWanted: server.networks === 'wanted',
    count: Math.max(server.min_count ?? 1, server.max_count ?? 1),
    unavailable: [
      ...unavailableOf(server),
      ...(hints.some((hint) => !asksForNothing(hint)) ? ['os:scheduler_hints'] : []),
    ],
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
  (name === 'OS-DCF:diskConfig' && value === 'MANUAL') ||
  (name === 'security_groups' && JSON.stringify(value) === '[{"name":"default"}]');

/** Clients may give a whole address of an image or a flavor. */
const lastPart = (reference: string): string => reference.split('/').at(-1) ?? reference;

function imageIdOf(reference: string): ImageId | null {
  const id = lastPart(reference);
  return UUID.test(id) ? imageId(id.toLowerCase()) : null;
}
