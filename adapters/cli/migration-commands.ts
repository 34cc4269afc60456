import { userInfo } from 'node:os';
import { Argument, type Command } from 'commander';
import { migrationState, resolveMigration } from '../../application/resolve-migration.ts';
import type { EventStore } from '../../application/ports/event-store.ts';
import type { MigrationRow } from '../../application/views/migrations-view.ts';
import { Views } from '../../application/views/views.ts';
import { possibleResolutions, type LeverRefusal } from '../../domain/migration/decide-lever.ts';
import { statusOf } from '../../domain/migration/migration-status.ts';
import type { Resolution } from '../../domain/migration/saga-events.ts';
import type { SagaState } from '../../domain/migration/saga-state.ts';
import type { MigrationId } from '../../domain/shared/ids.ts';
import { RandomIdSource } from '../system/random-id-source.ts';
import { SystemClock } from '../system/system-clock.ts';
import { migrationsJson, migrationsText } from './migrations-text.ts';
import { openExistingStore } from './reading-log.ts';
import { addStoreOptions, type StoreOptions } from './store-option.ts';

const RESOLUTIONS: ReadonlyMap<string, Resolution> = new Map([
  ['retry', 'retry'],
  ['rollback', 'rollback'],
  ['adopt-destination', 'adoptDestination'],
]);

const LIST_HELP = `
Without --all only those that are under way or have stopped are shown.

Examples:
  lifeboat migrations --config /etc/lifeboat.json           what is under way, and what waits for an operator
  lifeboat migrations --stopped --json                      for a monitor: each one that waits for an operator`;

const RESOLVE_HELP = `
A migration stops where every automatic answer could make two machines of one, or none. Look first (docs/saga.md, "When
an operator is needed"): which host has the guest, and does it run there?

  retry               do what could not be done again. Always safe: every action looks at both hosts first
  rollback            the guest is on the source: resume it there, and remove what was prepared on the destination.
                      Refused again while the destination may run it
  adopt-destination   the guest is on the destination: it stays there, and the source's copy goes. Refused again
                      while the destination does not have it

Examples:
  lifeboat migration resolve 12 retry --config /etc/lifeboat.json
  lifeboat migration resolve 5f3c… adopt-destination --store sqlite:/var/lib/lifeboat/events.db`;

const FOLLOW_INTERVAL_MS = 250;
const UNATTENDED_AFTER_MS = 5000;
const FOLLOW_MAX_MS = 120_000;

type ListOptions = StoreOptions & { readonly all?: boolean; readonly stopped?: boolean; readonly json?: boolean };
type ResolveOptions = StoreOptions & { readonly wait: boolean };

/** Adds `lifeboat migrations` and `lifeboat migration resolve`. */
export function addMigrationCommands(program: Command): void {
  addStoreOptions(program.command('migrations'))
    .description('list live migrations: what is under way, and what has stopped and waits for an operator')
    .option('--all', 'also those that have ended')
    .option('--stopped', 'only those that wait for an operator')
    .option('--json', 'one JSON object for each')
    .addHelpText('after', LIST_HELP)
    .action((options: ListOptions) => withStore(options, (eventStore) => list(eventStore, options)));
  const migration = program.command('migration').description('one live migration');
  addStoreOptions(migration.command('resolve'))
    .description('say how a migration that has stopped goes on')
    .argument('<migration>', 'its number or its UUID, as `lifeboat migrations` shows them')
    .addArgument(new Argument('<resolution>', 'what to do').choices([...RESOLUTIONS.keys()]))
    .option('--no-wait', 'record it, and do not wait to see what comes of it')
    .addHelpText('after', RESOLVE_HELP)
    .action((wanted: string, resolution: string, options: ResolveOptions) =>
      withStore(options, (eventStore) => resolve(eventStore, { wanted, resolution, waits: options.wait })),
    );
}

async function withStore(options: StoreOptions, work: (eventStore: EventStore) => Promise<void>): Promise<void> {
  const eventStore = await openExistingStore(options);
  try {
    await work(eventStore);
  } finally {
    await eventStore.close();
  }
}

async function rowsOf(eventStore: EventStore): Promise<readonly MigrationRow[]> {
  const views = new Views();
  await views.rebuild(eventStore);
  return [...views.migrations.all()];
}

async function list(eventStore: EventStore, { all, stopped, json }: ListOptions): Promise<void> {
  const rows = (await rowsOf(eventStore)).filter(({ saga }) => {
    if (stopped === true) return saga.phase === 'needsOperator';
    return all === true || (saga.phase !== 'completed' && saga.phase !== 'rolledBack');
  });
  if (json !== true) return console.log(migrationsText(rows));
  for (const line of migrationsJson(rows)) console.log(line);
}

type Wanted = { readonly wanted: string; readonly resolution: string; readonly waits: boolean };

async function resolve(eventStore: EventStore, { wanted, resolution, waits }: Wanted): Promise<void> {
  const chosen = RESOLUTIONS.get(resolution);
  if (chosen === undefined) throw new Error(`${resolution} is no resolution`);
  const row = (await rowsOf(eventStore)).find(
    ({ number, migrationId }) => String(number) === wanted || migrationId === wanted,
  );
  if (row === undefined) throw new Error(`there is no migration ${wanted}; \`lifeboat migrations --all\` lists them`);
  const { migrationId } = row;
  const dependencies = { eventStore, ids: new RandomIdSource(), clock: new SystemClock() };
  const answer = await resolveMigration(dependencies, {
    migrationId,
    resolution: chosen,
    operator: userInfo().username,
  });
  if (!answer.accepted) throw new Error(refusalText(wanted, answer.refusal));
  console.log(`Recorded: ${resolution} for migration ${row.number} of server ${row.instanceId}.`);
  if (waits) await follow(eventStore, migrationId);
}

function refusalText(wanted: string, refusal: LeverRefusal | { readonly reason: 'TooManyConflicts' }): string {
  switch (refusal.reason) {
    case 'MigrationNotStopped':
      return `migration ${wanted} is ${refusal.status}; only one that has stopped for an operator can be resolved`;
    case 'ResolutionNotPossible':
      return (
        `migration ${wanted} has stopped at ${refusal.stoppedAt}: ${nameOf(refusal.resolution)} is not possible there. ` +
        `Possible: ${refusal.possible.map(nameOf).join(', ')}`
      );
    case 'TooManyConflicts':
      return `migration ${wanted} is being changed by others; try again`;
    case 'MigrationNotAbortable':
    case 'MigrationNotRunning':
      throw new Error(`resolve: ${refusal.reason}`);
  }
}

const nameOf = (resolution: Resolution): string =>
  [...RESOLUTIONS].find(([, known]) => known === resolution)?.[0] ?? resolution;

/** Until it has ended or stopped again. */
async function follow(eventStore: EventStore, migrationId: MigrationId): Promise<void> {
  const clock = new SystemClock();
  const before = JSON.stringify(await migrationState({ eventStore }, migrationId));
  let isTakenUp = false;
  for (let waitedMs = 0; waitedMs < FOLLOW_MAX_MS; waitedMs += FOLLOW_INTERVAL_MS) {
    const saga = await migrationState({ eventStore }, migrationId);
    if (saga.phase !== 'forward' && saga.phase !== 'unwinding') {
      console.log(endText(saga));
      if (saga.phase === 'needsOperator') process.exitCode = 1;
      return;
    }
    isTakenUp ||= JSON.stringify(saga) !== before;
    if (!isTakenUp && waitedMs >= UNATTENDED_AFTER_MS) break;
    await clock.sleep(FOLLOW_INTERVAL_MS);
  }
  console.log(isTakenUp ? 'It is still under way: lifeboat migrations.' : UNATTENDED);
}

const UNATTENDED =
  'Nobody has taken it up yet. It is recorded, and will be as soon as `lifeboat serve`, or `lifeboat compute` of its source, ' +
  'runs with this store.';

function endText(saga: SagaState): string {
  const status = statusOf(saga);
  if (saga.phase === 'needsOperator') {
    const possible = possibleResolutions(saga).map(nameOf).join(', ');
    return `It has stopped again, at ${saga.stoppedAt}: ${saga.reason}\nPossible: ${possible}`;
  }
  return saga.phase === 'rolledBack' ? `Rolled back (${status}): ${saga.reason}` : `The migration is ${status}.`;
}
