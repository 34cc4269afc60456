import { z } from 'zod';
import { changing, fieldsWhen, links, microseconds, number, page, text, uuid } from './response-schema.ts';

const initiator = { user_id: text, project_id: text };

const actionFields = (since: (minor: number) => boolean): z.core.$ZodLooseShape => ({
  action: text,
  instance_uuid: uuid,
  request_id: text,
  ...initiator,
  start_time: microseconds,
  message: z.literal('Error').nullable(),
  ...fieldsWhen(since(58), { updated_at: microseconds }),
});

/** `GET /servers/{id}/os-instance-actions`. */
export const INSTANCE_ACTIONS = changing([58], (since) =>
  page('instanceActions', z.strictObject(actionFields(since)), 'links'),
);

const actionEvent = (since: (minor: number) => boolean) =>
  z.strictObject({
    event: text,
    start_time: microseconds,
    finish_time: microseconds.nullable(),
    result: z.enum(['Success', 'Error']).nullable(),
    traceback: text.nullable().optional(),
    ...fieldsWhen(since(62), { hostId: text, host: text.nullable().optional() }),
    ...fieldsWhen(since(84), { details: text.nullable().optional() }),
  });

/** `GET /servers/{id}/os-instance-actions/{request_id}`. */
export const INSTANCE_ACTION = changing([51, 58, 62, 84], (since) => {
  const events = z.array(actionEvent(since));
  const action = z.strictObject({ ...actionFields(since), events: since(51) ? events : events.optional() });
  return z.strictObject({ instanceAction: action });
});

/** Null for whom policy does not tell hosts. */
const HOSTS = {
  source_compute: text.nullable(),
  source_node: text.nullable(),
  dest_compute: text.nullable(),
  dest_host: text.nullable(),
  dest_node: text.nullable(),
};
const later = (since: (minor: number) => boolean): z.core.$ZodLooseShape => ({
  ...fieldsWhen(since(59), { uuid }),
  ...fieldsWhen(since(80), initiator),
});
const times = { created_at: microseconds, updated_at: microseconds.nullable() };

/** `GET /os-migrations` (nova.md G.2). */
export const MIGRATIONS = changing([23, 59, 80], (since) =>
  page(
    'migrations',
    z.strictObject({
      id: number,
      instance_uuid: uuid,
      ...HOSTS,
      old_instance_type_id: number,
      new_instance_type_id: number,
      status: text,
      ...times,
      ...fieldsWhen(since(23), {
        migration_type: z.enum(['migration', 'resize', 'live-migration', 'evacuation']),
        links: links.optional(),
      }),
      ...later(since),
    }),
  ),
);

const COUNTERS = [
  'memory_total',
  'memory_processed',
  'memory_remaining',
  'disk_total',
  'disk_processed',
  'disk_remaining',
];

const serverMigration = (since: (minor: number) => boolean) =>
  z.strictObject({
    id: number,
    server_uuid: uuid,
    ...HOSTS,
    status: text,
    ...times,
    ...Object.fromEntries(COUNTERS.map((name) => [`${name}_bytes`, number.nullable()])),
    ...later(since),
  });

/** `GET /servers/{id}/migrations` (nova.md G.1). */
export const SERVER_MIGRATIONS = changing([59, 80], (since) =>
  z.strictObject({ migrations: z.array(serverMigration(since)) }),
);
/** `GET /servers/{id}/migrations/{migration_id}`. */
export const SERVER_MIGRATION = changing([59, 80], (since) => z.strictObject({ migration: serverMigration(since) }));
