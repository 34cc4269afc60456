import { z } from 'zod';
import { always, changing, fieldsWhen, flag, microseconds, number, page, text, uuid } from './response-schema.ts';

type Since = (minor: number) => boolean;

const serviceId = (since: Since) => (since(53) ? uuid : number);

const service = (since: Since) =>
  z.strictObject({
    binary: text,
    host: text,
    id: serviceId(since),
    zone: text,
    status: z.enum(['enabled', 'disabled']),
    state: z.enum(['up', 'down']),
    updated_at: microseconds,
    disabled_reason: text.nullable(),
    ...fieldsWhen(since(11), { forced_down: flag }),
  });

/** `GET /os-services` (nova.md E.4). */
export const SERVICES = changing([11, 53], (since) => z.strictObject({ services: z.array(service(since)) }));

/** `PUT /os-services/{id}`; below 2.53 what was asked for and no more. */
export const SERVICE = changing([11, 53], (since) => {
  if (since(53)) return z.strictObject({ service: service(since) });
  const named = { host: text, binary: text };
  const status = z.strictObject({ ...named, status: text, disabled_reason: text.optional() });
  return z.strictObject({
    service: since(11) ? z.union([status, z.strictObject({ ...named, forced_down: flag })]) : status,
  });
});

const AMOUNTS = [
  'vcpus',
  'memory_mb',
  'local_gb',
  'vcpus_used',
  'memory_mb_used',
  'local_gb_used',
  'free_ram_mb',
  'free_disk_gb',
  'current_workload',
  'running_vms',
  'disk_available_least',
];
const amounts = Object.fromEntries(AMOUNTS.map((name) => [name, number]));
const guests = z.array(z.strictObject({ name: text, uuid }));

const summary = (since: Since): z.core.$ZodLooseShape => ({
  id: serviceId(since),
  hypervisor_hostname: text,
  state: z.enum(['up', 'down']),
  status: z.enum(['enabled', 'disabled']),
  ...fieldsWhen(since(53), { servers: guests.optional() }),
});

const detail = (since: Since) =>
  z.strictObject({
    ...summary(since),
    hypervisor_type: text,
    hypervisor_version: number,
    host_ip: text,
    service: z.strictObject({ id: serviceId(since), host: text, disabled_reason: text.nullable() }),
    ...(since(88)
      ? { uptime: text.nullable() }
      : { ...amounts, cpu_info: since(28) ? z.record(z.string(), z.unknown()) : text }),
  });

/** `GET /os-hypervisors`, and the search below 2.53. */
export const HYPERVISORS = changing([53], (since) => page('hypervisors', z.strictObject(summary(since))));
/** `GET /os-hypervisors/detail`. */
export const HYPERVISORS_DETAIL = changing([28, 53, 88], (since) => page('hypervisors', detail(since)));
/** `GET /os-hypervisors/{id}`. */
export const HYPERVISOR = changing([28, 53, 88], (since) => z.strictObject({ hypervisor: detail(since) }));
/** `GET /os-hypervisors/{id}/uptime`. */
export const HYPERVISOR_UPTIME = changing([53], (since) =>
  z.strictObject({ hypervisor: z.strictObject({ ...summary(since), uptime: text }) }),
);
/** `GET /os-hypervisors/{pattern}/servers`, below 2.53. */
export const HYPERVISOR_SERVERS = changing([53], (since) =>
  z.strictObject({ hypervisors: z.array(z.strictObject({ ...summary(since), servers: guests.optional() })) }),
);
/** `GET /os-hypervisors/statistics`. */
export const HYPERVISOR_STATISTICS = always({ hypervisor_statistics: z.strictObject({ count: number, ...amounts }) });

const zone = (hosts: z.ZodType) =>
  always({
    availabilityZoneInfo: z.array(
      z.strictObject({ zoneName: text, zoneState: z.strictObject({ available: flag }), hosts }),
    ),
  });
/** `GET /os-availability-zone`. */
export const ZONES = zone(z.null());
const zoneService = z.strictObject({ available: flag, active: flag, updated_at: microseconds });
/** `GET /os-availability-zone/detail`. */
export const ZONES_DETAIL = zone(z.record(z.string(), z.record(z.string(), zoneService)));

/** `GET /os-hosts`. */
export const HOSTS = always({ hosts: z.array(z.strictObject({ host_name: text, service: text, zone: text })) });
const resource = z.strictObject({ host: text, project: text, cpu: number, memory_mb: number, disk_gb: number });
/** `GET /os-hosts/{id}`. */
export const HOST = always({ host: z.array(z.strictObject({ resource })) });
/** `PUT /os-hosts/{id}`. */
export const HOST_CHANGED = always({ host: text, status: z.enum(['enabled', 'disabled']) });
