import { nextInstanceEffect, type InstanceEffect } from '../domain/instance/next-instance-effect.ts';
import {
  hostName,
  instanceId,
  migrationId,
  type HostName,
  type InstanceId,
  type MigrationId,
} from '../domain/shared/ids.ts';
import { advanceInstance, isMine } from './advance-instance.ts';
import { advanceMigrationSaga } from './advance-migration-saga.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { mayDrive } from './migration-driver.ts';
import type { DomainEvent, EventMetadata, RecordedEvent, StreamName } from './ports/event-store.ts';
import { abortForDelete, pullLevers } from './pull-levers.ts';
import { retryStoppedMigrations } from './retry-stopped-migrations.ts';
import type { Subscription } from './run-subscription.ts';
import type { SagaDependencies } from './saga-step-dependencies.ts';
import { LeaseLost } from './work-lease.ts';

/** Whom an event wakes. What is then to be done is read from the history, never from the event that woke. */
type WakeUp =
  | { readonly wake: 'instance'; readonly instanceId: InstanceId }
  | { readonly wake: 'migration'; readonly instanceId: InstanceId; readonly migrationId: MigrationId }
  | { readonly wake: 'resolved'; readonly migrationId: MigrationId }
  | { readonly wake: 'levers'; readonly migrationId: MigrationId }
  | { readonly wake: 'stoppedMigrations'; readonly host: HostName };

const WAKES_INSTANCE: ReadonlySet<DomainEvent['type']> = new Set([
  'InstanceCreateRequested',
  // The host that was chosen may be another process's.
  'InstanceScheduled',
  'PowerActionRequested',
  'RescueRequested',
  'UnrescueRequested',
  'RebuildRequested',
  'ResizeRequested',
  'ColdMigrationRequested',
  'ResizeConfirmRequested',
  'ResizeRevertRequested',
  'ShelveRequested',
  'UnshelveRequested',
  'SnapshotRequested',
  'DeleteRequested',
  // A delete that waited for the migration to end.
  'LiveMigrationCompleted',
  'LiveMigrationRolledBack',
]);

const WAKES_LEVERS: ReadonlySet<DomainEvent['type']> = new Set(['AbortRequested', 'ForceCompleteRequested']);

export const RUNNER = 'runner';

export const WAKE_RETRY_DELAY_MS = 500;
export const WAKE_RETRY_DELAY_MAX_MS = 30_000;

/**
 * The subscription that makes recorded requests happen: one server, or one migration, at a time each, different ones
 * side by side. A failure outside of the recorded outcomes (the store away, a bug) is tried again without a limit,
 * since a request that was answered 202 must not be forgotten; the delay is bounded and each failure is logged.
 */
export function runnerSubscription(
  dependencies: SagaDependencies,
  signal: AbortSignal,
  { name = RUNNER, before = () => Promise.resolve() }: RunnerOptions = {},
): RunnerSubscription {
  const queue = new KeyedQueue();
  return {
    name,
    settled: () => queue.settled(),
    handle: (event) => {
      const wakeUp = wakeUpOf(event);
      if (wakeUp === null) return null;
      const { correlationId } = event.metadata;
      const metadata = { correlationId, causationId: event.id, actor: LIFEBOAT };
      const cause = { metadata, stream: event.stream, position: event.position };
      return queue.run(keyOf(wakeUp), async () => {
        await before();
        await untilDone(dependencies, signal, cause, wakeUp);
      });
    },
    takeUp: (wakeUp, stream) => {
      const key = keyOf(wakeUp);
      if (queue.has(key)) return;
      void queue.run(key, async () => {
        const cause = await lastCause(dependencies, stream).catch(() => null);
        // Else the store is away, and the next look finds it again.
        if (cause !== null) await untilDone(dependencies, signal, cause, wakeUp);
      });
    },
  };
}

type RunnerOptions = {
  readonly name?: string;
  /** Awaited before an event is dealt with. */
  readonly before?: () => Promise<void>;
};

export type RunnerSubscription = Subscription & {
  readonly settled: () => Promise<void>;
  /** For what no event tells any more; does nothing while something of the same server or migration is at work. */
  readonly takeUp: (wakeUp: TakenUp, stream: StreamName) => void;
};

type TakenUp = Extract<WakeUp, { readonly wake: 'instance' | 'migration' }>;

const LIFEBOAT = 'lifeboat';

type Cause = { readonly metadata: EventMetadata; readonly stream: StreamName; readonly position: number };

/** What is done now belongs to the request that has come last. */
async function lastCause({ eventStore }: SagaDependencies, stream: StreamName): Promise<Cause | null> {
  const last = (await eventStore.readStream(stream)).at(-1);
  if (last === undefined) return null;
  const metadata = { correlationId: last.metadata.correlationId, causationId: last.id, actor: LIFEBOAT };
  return { metadata, stream, position: last.position };
}

function wakeUpOf({ stream, data }: RecordedEvent): WakeUp | null {
  const woken = () => instanceId(stream.slice('instance-'.length));
  const migration = () => migrationId(stream.slice('migrationSaga-'.length));
  if (data.type === 'LiveMigrationRequested') {
    return { wake: 'migration', instanceId: woken(), migrationId: data.migrationId };
  }
  if (data.type === 'OperatorResolved') return { wake: 'resolved', migrationId: migration() };
  if (WAKES_LEVERS.has(data.type)) return { wake: 'levers', migrationId: migration() };
  if (data.type === 'ComputeServiceCameUp') {
    return { wake: 'stoppedMigrations', host: hostName(stream.slice('computeService-'.length)) };
  }
  return WAKES_INSTANCE.has(data.type) ? { wake: 'instance', instanceId: woken() } : null;
}

/** One after another for a server and for a migration; a lever works beside the migration it changes. */
function keyOf(wakeUp: WakeUp): string {
  switch (wakeUp.wake) {
    case 'instance':
      return wakeUp.instanceId;
    case 'migration':
    case 'resolved':
      return wakeUp.migrationId;
    case 'levers':
      return `levers-${wakeUp.migrationId}`;
    case 'stoppedMigrations':
      return `stopped-${wakeUp.host}`;
  }
}

async function untilDone(
  dependencies: SagaDependencies,
  signal: AbortSignal,
  { metadata, stream, position }: Cause,
  wakeUp: WakeUp,
): Promise<void> {
  for (let delayMs = WAKE_RETRY_DELAY_MS; !signal.aborted; delayMs = Math.min(delayMs * 2, WAKE_RETRY_DELAY_MAX_MS)) {
    try {
      // The saga reads the request from the views, which follow the log on their own.
      await dependencies.views.reached(position);
      await wake(dependencies, wakeUp, metadata, signal);
      return;
    } catch (error) {
      // Whoever has taken this process's work over carries it on.
      if (error instanceof LeaseLost) return;
      dependencies.log.error({ error, stream }, 'A recorded request could not be carried on; trying again.');
      await dependencies.clock.sleep(delayMs, signal);
    }
  }
}

async function wake(
  dependencies: SagaDependencies,
  wakeUp: WakeUp,
  metadata: EventMetadata,
  signal: AbortSignal,
): Promise<void> {
  switch (wakeUp.wake) {
    case 'instance': {
      await abortIfDeleted(dependencies, wakeUp.instanceId, metadata);
      // Most wake-ups are another process's business, or done: the view knows without reading the history.
      const effect = nextEffect(dependencies, wakeUp.instanceId);
      if (effect === null || !isMine(dependencies, effect)) return;
      return advanceInstance(dependencies, wakeUp.instanceId, metadata);
    }
    case 'migration':
    case 'resolved': {
      const row = dependencies.views.migrations.find(wakeUp.migrationId);
      if (row === null) throw new Error(`wake: nobody asked for ${wakeUp.migrationId}`);
      return (await mayDrive(dependencies, row)) ? advanceMigrationSaga(dependencies, row, metadata) : undefined;
    }
    case 'levers':
      return pullLevers(dependencies, wakeUp.migrationId, metadata, signal);
    case 'stoppedMigrations':
      return retryStoppedMigrations(dependencies, wakeUp.host, metadata);
  }
}

function nextEffect({ views }: SagaDependencies, id: InstanceId): InstanceEffect | null {
  const row = views.servers.find(id);
  return row === null ? null : nextInstanceEffect(row);
}

async function abortIfDeleted(dependencies: SagaDependencies, id: InstanceId, metadata: EventMetadata): Promise<void> {
  const row = dependencies.views.servers.find(id);
  if (row?.task?.task !== 'delete' || row.migration === null) return;
  if (row.host === null || !dependencies.hosts.serves(row.host)) return;
  await abortForDelete(dependencies, row.migration, metadata);
}
