import { z } from 'zod';
import { ActionHistory, recordedActions } from './action-history.ts';
import type { Aliases } from './aliases.ts';
import type { ConformanceWorld } from './conformance-world.ts';
import type { GoldenPair } from './golden-pairs.ts';
import type { RecordedServer } from './recorded-servers.ts';
import type { Scene } from './scene.ts';

export type Stage = {
  readonly scene: Scene;
  readonly world: ConformanceWorld;
  readonly aliases: Aliases;
  readonly servers: ReadonlyMap<string, RecordedServer>;
};

/** Whose instance actions tell of the unrecorded part of a group; `firstPair`: what was before it is not asked about. */
const HISTORIES: Readonly<Record<string, { readonly server: string; readonly from: 'creation' | 'firstPair' }>> = {
  'os-migrateLive states': { server: '7d8cdca7-a496-44ac-ba75-ac688f4e8110', from: 'firstPair' },
  'instance-actions': { server: '7d8cdca7-a496-44ac-ba75-ac688f4e8110', from: 'creation' },
  'server-migrations': { server: '7740bbe0-ce33-47df-ad9e-dff2abe73cf3', from: 'creation' },
  'sync errors (down hosts, bad unrescue, abort races)': {
    server: '061f25f6-7996-4e0e-b2c7-d55568e98026',
    from: 'creation',
  },
};

/** Null for a group whose pairs need nothing but what they name. */
export function historyOf(group: string, all: readonly GoldenPair[], stage: Stage): ActionHistory | null {
  const told = HISTORIES[group];
  const server = stage.servers.get(told?.server ?? '');
  if (told === undefined || server === undefined) return null;
  const own = all.filter((pair) => pair.group === group && pair.request.method !== 'GET');
  const pairs = new Map(own.map(({ n, response }) => [response.headers['x-compute-request-id'] ?? '', n]));
  const rows = recordedActions(server.id, all);
  const first = rows.findIndex(({ request_id: id }) => pairs.has(id));
  const hosts = new Map(all.flatMap(migrationHost));
  return new ActionHistory(stage, { server, rows: told.from === 'creation' ? rows : rows.slice(first), hosts }, pairs);
}

const LIVE_MIGRATE = z.object({ 'os-migrateLive': z.object({ host: z.string().nullable() }) });

function migrationHost({ request, response }: GoldenPair): readonly (readonly [string, string | null])[] {
  const parsed = LIVE_MIGRATE.safeParse(request.body);
  const id = response.headers['x-compute-request-id'];
  return parsed.success && id !== undefined ? [[id, parsed.data['os-migrateLive'].host]] : [];
}

const MIGRATIONS = z.object({
  migrations: z.array(
    z.object({
      id: z.number(),
      uuid: z.string().optional(),
      instance_uuid: z.string(),
      source_compute: z.string(),
      dest_compute: z.string().nullable(),
      status: z.string(),
    }),
  ),
});
type MigrationRow = z.infer<typeof MIGRATIONS>['migrations'][number];

/** The rows of the whole deployment that the group `os-migrations` lists, each brought about again. */
export async function writeMigrations(all: readonly GoldenPair[], stage: Stage): Promise<void> {
  const lists = all
    .filter(({ group }) => group === 'os-migrations')
    .flatMap(({ response }) => {
      const parsed = MIGRATIONS.safeParse(response.body);
      return parsed.success ? [parsed.data.migrations] : [];
    });
  const rows = lists.toSorted((one, other) => other.length - one.length)[0] ?? [];
  const uuids = new Map(lists.flat().flatMap(({ id, uuid }) => (uuid === undefined ? [] : [[id, uuid] as const])));
  for (const row of rows) await writeMigration(row, uuids.get(row.id) ?? null, stage);
}

const STAGES: Readonly<Record<string, string>> = { pau: 'PAUSED', lok: 'ACTIVE locked', dlk: 'ACTIVE locked' };

async function writeMigration(row: MigrationRow, uuid: string | null, stage: Stage): Promise<void> {
  const { scene, world, aliases, servers } = stage;
  const server = servers.get(row.instance_uuid);
  if (server === undefined || row.status === 'finished') return;
  const id = await scene.create(server);
  await scene.moveTo(server, row.source_compute);
  await scene.bring(server, STAGES[server.name] ?? 'ACTIVE');
  if (row.status === 'error' && row.dest_compute === null) await scene.migrateToNowhere(server);
  else if (row.status === 'error') await scene.migrateTo(server, row.dest_compute, '2.1');
  else await scene.startMigration(server, row.dest_compute);
  const migration = scene.newestMigration(id);
  if (row.status === 'cancelled') await scene.ask('admin', 'DELETE', `/servers/${id}/migrations/${migration?.number}`);
  await world.settle();
  if (migration === undefined) return;
  aliases.learnMigrationNumber(String(row.id), migration.number);
  if (uuid !== null) aliases.learn(uuid, migration.migrationId);
}
