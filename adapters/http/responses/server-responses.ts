import { z } from 'zod';
import { updatedFields } from '../representations/updated-server-fields.ts';
import {
  always,
  changing,
  fieldsWhen,
  flag,
  links,
  microseconds,
  number,
  page,
  seconds,
  text,
  texts,
  uuid,
} from './response-schema.ts';

const image = (withProperties: boolean) =>
  z.union([z.literal(''), z.strictObject({ id: uuid, links, ...fieldsWhen(withProperties, { properties: texts }) })]);

type Since = (minor: number) => boolean;

const FLAVOR_BY_ID = z.strictObject({ id: text, links });
const FLAVOR_EMBEDDED = z.strictObject({
  vcpus: number,
  ram: number,
  disk: number,
  ephemeral: number,
  swap: number,
  original_name: text,
  extra_specs: texts.optional(),
});

/** Told to whom policy tells it; the rest is told to everybody who sees the server. */
const attributes = (names: readonly string[], shape: z.ZodType) =>
  Object.fromEntries(names.map((name) => [`OS-EXT-SRV-ATTR:${name}`, shape.optional()]));

const MINORS = [3, 9, 16, 19, 26, 47, 63, 71, 73, 90, 96, 98, 100];

/** nova.md G.3. `alone`: one server, not a row of a list. */
const serverFields = (since: Since, alone: boolean): z.core.$ZodLooseShape => ({
  id: uuid,
  name: text,
  status: text,
  tenant_id: text,
  user_id: text,
  metadata: texts,
  hostId: text,
  image: image(since(98)),
  flavor: since(47) ? FLAVOR_EMBEDDED : FLAVOR_BY_ID,
  created: seconds,
  updated: seconds,
  addresses: z.record(z.string(), z.array(z.looseObject({ addr: text, version: number }))),
  accessIPv4: text,
  accessIPv6: text,
  links,
  'OS-DCF:diskConfig': z.enum(['AUTO', 'MANUAL']),
  progress: number.optional(),
  fault: z.strictObject({ code: number, created: seconds, message: text, details: text.optional() }).optional(),
  'OS-EXT-AZ:availability_zone': text,
  config_drive: z.enum(['', 'True']),
  key_name: text.nullable(),
  'OS-SRV-USG:launched_at': microseconds.nullable(),
  'OS-SRV-USG:terminated_at': microseconds.nullable(),
  'OS-EXT-STS:task_state': text.nullable(),
  'OS-EXT-STS:vm_state': text,
  'OS-EXT-STS:power_state': number,
  'os-extended-volumes:volumes_attached': z.array(z.looseObject({ id: uuid })),
  ...attributes(['host', 'instance_name', 'hypervisor_hostname'], text.nullable()),
  ...fieldsWhen(since(3), {
    ...attributes(['hostname', 'reservation_id', 'kernel_id', 'ramdisk_id', 'root_device_name'], text),
    ...attributes(['launch_index'], number),
    ...attributes(['user_data'], text.nullable()),
  }),
  ...fieldsWhen(since(90), { 'OS-EXT-SRV-ATTR:hostname': text }),
  ...laterFields(since, alone),
});

const laterFields = (since: Since, alone: boolean): z.core.$ZodLooseShape => ({
  ...fieldsWhen(since(9), { locked: flag }),
  ...fieldsWhen(since(16), { host_status: text.optional() }),
  ...fieldsWhen(since(19), { description: text.nullable() }),
  ...fieldsWhen(since(26), { tags: z.array(text) }),
  ...fieldsWhen(since(63), { trusted_image_certificates: z.array(text).nullable() }),
  ...fieldsWhen(since(71) && alone, { server_groups: z.array(uuid) }),
  ...fieldsWhen(since(73), { locked_reason: text.nullable() }),
  ...fieldsWhen(since(96), { pinned_availability_zone: text.nullable() }),
  ...fieldsWhen(since(100), { scheduler_hints: z.record(z.string(), z.union([text, z.array(text)])) }),
});

/** `GET /servers`. */
export const SERVERS = always({
  servers: z.array(z.strictObject({ id: uuid, name: text, links })),
  servers_links: links.optional(),
});
/** `GET /servers/detail`. */
export const SERVERS_DETAIL = changing(MINORS, (since) => page('servers', z.strictObject(serverFields(since, false))));
/** `GET /servers/{id}`. */
export const SERVER = changing(MINORS, (since) =>
  z.strictObject({ server: z.strictObject(serverFields(since, true)) }),
);

const UPDATE_MINORS = [...MINORS, 54, 75];
/** `PUT /servers/{id}`. */
export const UPDATED_SERVER = changing(UPDATE_MINORS, (since) =>
  z.strictObject({ server: z.strictObject(updatedFields(serverFields(since, true), since)) }),
);

/** `POST /servers`: a server, or the number of the reservation that was asked for. */
export const CREATED = (() => {
  const made = z.union([
    z.strictObject({
      server: z.strictObject({
        id: uuid,
        links,
        'OS-DCF:diskConfig': z.enum(['AUTO', 'MANUAL']),
        security_groups: z.array(z.strictObject({ name: text })),
        adminPass: text,
      }),
    }),
    z.strictObject({ reservation_id: text }),
  ]);
  return () => made;
})();

/** What a server action tells at once, where it does: `rescue`, `createImage` and `rebuild`. */
export const RESCUE = always({ adminPass: text });
const IMAGE_ID_SINCE = 45;
const USER_DATA_SINCE = 57;
export const ACTION_ACCEPTED = changing([IMAGE_ID_SINCE, USER_DATA_SINCE, ...UPDATE_MINORS], (since) => {
  const { 'OS-EXT-SRV-ATTR:user_data': _adminsOwn, ...fields } = updatedFields(serverFields(since, true), since);
  const userData = fieldsWhen(since(USER_DATA_SINCE), { user_data: text.nullable() });
  const rebuilt = z.strictObject({ server: z.strictObject({ ...fields, adminPass: text, ...userData }) });
  return since(IMAGE_ID_SINCE) ? z.union([rebuilt, z.strictObject({ image_id: uuid })]) : rebuilt;
});
