import { z } from 'zod';
import { always, changing, fieldsWhen, flag, number, text, texts, uuid } from './response-schema.ts';

export const METADATA = always({ metadata: texts });
export const METADATA_ITEM = always({ meta: texts });
export const TAGS = always({ tags: z.array(text) });

const port = (since: (minor: number) => boolean) =>
  z.strictObject({
    net_id: uuid,
    port_id: uuid,
    mac_addr: text,
    port_state: text,
    fixed_ips: z.array(z.strictObject({ subnet_id: uuid, ip_address: text })),
    ...fieldsWhen(since(70), { tag: text.nullable() }),
  });
/** `GET /servers/{id}/os-interface`. */
export const INTERFACES = changing([70], (since) => z.strictObject({ interfaceAttachments: z.array(port(since)) }));
export const INTERFACE = changing([70], (since) => z.strictObject({ interfaceAttachment: port(since) }));

/** A collection of what servers here have none of. */
const none = (name: string) => always({ [name]: z.array(z.never()) });
export const VOLUME_ATTACHMENTS = none('volumeAttachments');
export const SECURITY_GROUPS = none('security_groups');
export const FLOATING_IPS = none('floating_ips');
export const NETWORKS = none('networks');
export const AGGREGATES = none('aggregates');
export const ADDRESSES = always({ addresses: z.record(z.string(), z.array(z.unknown())) });
export const PASSWORD = always({ password: text });

/** `GET /servers/{id}/diagnostics`: below 2.48 whatever the hypervisor has to say. */
export const DIAGNOSTICS = changing([48], (since) =>
  since(48)
    ? z.strictObject({
        state: text,
        driver: text,
        hypervisor: text.nullable(),
        hypervisor_os: text.nullable(),
        uptime: number.nullable(),
        config_drive: flag,
        num_cpus: number,
        num_nics: number,
        num_disks: number,
        disk_details: z.array(z.unknown()),
        cpu_details: z.array(z.unknown()),
        nic_details: z.array(z.unknown()),
        memory_details: z.strictObject({ maximum: number.nullable(), used: number.nullable() }),
      })
    : z.record(z.string(), number),
);

/** `POST /os-server-external-events`: each event, and what came of it. */
export const EXTERNAL_EVENTS = always({
  events: z.array(
    z.strictObject({
      name: text,
      server_uuid: uuid,
      tag: text.optional(),
      status: text,
      code: z.union([z.literal(200), z.literal(404), z.literal(422)]),
    }),
  ),
});
