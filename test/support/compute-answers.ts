import { z } from 'zod';

/** Of each answer only what end-to-end tests look at; further fields are the business of the API's own tests. */

const BYTES_PER_MIB = 1024 * 1024;

export const FAULT = z.record(z.string(), z.object({ message: z.string() }));

export const CREATED = z.object({ server: z.object({ id: z.uuid() }) });

export const SERVER = z.object({
  server: z
    .object({
      id: z.uuid(),
      status: z.string(),
      'OS-EXT-SRV-ATTR:host': z.string().nullable(),
      'OS-EXT-STS:task_state': z.string().nullable(),
      flavor: z.object({ ram: z.number() }),
      fault: z.object({ message: z.string() }).optional(),
    })
    .transform((server) => ({
      id: server.id,
      status: server.status,
      host: server['OS-EXT-SRV-ATTR:host'],
      taskState: server['OS-EXT-STS:task_state'],
      ramBytes: server.flavor.ram * BYTES_PER_MIB,
      fault: server.fault?.message ?? null,
    })),
});
export type ServerAnswer = z.output<typeof SERVER>['server'];

const bytes = z.number().nullable();
const migrationFields = {
  id: z.number(),
  uuid: z.uuid(),
  status: z.string(),
  source_compute: z.string(),
  dest_compute: z.string().nullable(),
};

export const MIGRATIONS = z.object({ migrations: z.array(z.object(migrationFields)) });
export type MigrationAnswer = z.output<typeof MIGRATIONS>['migrations'][number];

export const IN_PROGRESS = z.object({
  migrations: z.array(
    z.object({
      ...migrationFields,
      memory_total_bytes: bytes,
      memory_remaining_bytes: bytes,
      disk_total_bytes: bytes,
      disk_remaining_bytes: bytes,
    }),
  ),
});
export type MigrationInProgressAnswer = z.output<typeof IN_PROGRESS>['migrations'][number];

export const ACTIONS = z.object({ instanceActions: z.array(z.object({ request_id: z.string() })) });

export const ACTION = z.object({
  instanceAction: z.object({
    action: z.string(),
    request_id: z.string(),
    start_time: z.string(),
    message: z.string().nullable(),
    events: z.array(
      z.object({
        event: z.string(),
        host: z.string().nullable(),
        start_time: z.string(),
        finish_time: z.string().nullable(),
        result: z.string().nullable(),
        details: z.string().nullable(),
      }),
    ),
  }),
});
export type InstanceActionAnswer = z.output<typeof ACTION>['instanceAction'];

export const SERVICES = z.object({
  services: z.array(z.object({ host: z.string(), state: z.string(), status: z.string() })),
});
export type ServiceAnswer = z.output<typeof SERVICES>['services'][number];
