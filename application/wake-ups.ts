import {
  hostName,
  instanceId,
  migrationId,
  type HostName,
  type InstanceId,
  type MigrationId,
} from '../domain/shared/ids.ts';
import { advanceInstance } from './advance-instance.ts';
import { advanceMigrationSaga } from './advance-migration-saga.ts';
import { KeyedQueue } from './keyed-queue.ts';
import type { DomainEvent, EventMetadata, RecordedEvent } from './ports/event-store.ts';
import { abortForDelete, pullLevers } from './pull-levers.ts';
import { retryStoppedMigrations } from './retry-stopped-migrations.ts';
import type { Subscription } from './run-subscription.ts';
import type { SagaDependencies } from './saga-step-dependencies.ts';

/** Whom an event wakes. What is then to be done is read from the history, never from the event that woke. */
type WakeUp =
  | { readonly wake: 'instance'; readonly instanceId: InstanceId }
  | { readonly wake: 'migration'; readonly instanceId: InstanceId; readonly migrationId: MigrationId }
  | { readonly wake: 'resolved'; readonly migrationId: MigrationId }
  | { readonly wake: 'levers'; readonly migrationId: MigrationId }
  | { readonly wake: 'stoppedMigrations'; readonly host: HostName };

const WAKES_INSTANCE: ReadonlySet<DomainEvent['type']> = new Set([
  'InstanceCreateRequested',
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
  'DeleteRequested',
  // A delete that waited for the migration to end.
  'LiveMigrationCompleted',
  'LiveMigrationRolledBack',
]);

const WAKES_LEVERS: ReadonlySet<DomainEvent['type']> = new Set(['AbortRequested', 'ForceCompleteRequested']);

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
): Subscription & { readonly settled: () => Promise<void> } {
  const queue = new KeyedQueue();
  return {
    name: 'runner',
    settled: () => queue.settled(),
    handle: (event) => {
      const wakeUp = wakeUpOf(event);
      return wakeUp === null ? null : queue.run(keyOf(wakeUp), () => untilDone(dependencies, signal, event, wakeUp));
    },
  };
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
  event: RecordedEvent,
  wakeUp: WakeUp,
): Promise<void> {
  const { correlationId } = event.metadata;
  const metadata = { correlationId, causationId: event.id, actor: 'lifeboat' };
  for (let delayMs = WAKE_RETRY_DELAY_MS; !signal.aborted; delayMs = Math.min(delayMs * 2, WAKE_RETRY_DELAY_MAX_MS)) {
    try {
      // The saga reads the request from the views, which follow the log on their own.
      await dependencies.views.reached(event.position);
      await wake(dependencies, wakeUp, metadata, signal);
      return;
    } catch (error) {
      dependencies.log.error(
        { error, stream: event.stream },
        'A recorded request could not be carried on; trying again.',
      );
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
      return advanceInstance(dependencies, wakeUp.instanceId, metadata);
    }
    case 'migration':
      return advanceMigrationSaga(dependencies, wakeUp, metadata);
    case 'resolved': {
      const row = dependencies.views.migrations.find(wakeUp.migrationId);
      if (row === null) throw new Error(`wake: nobody asked for ${wakeUp.migrationId}`);
      return advanceMigrationSaga(dependencies, row, metadata);
    }
    case 'levers':
      return pullLevers(dependencies, wakeUp.migrationId, metadata, signal);
    case 'stoppedMigrations':
      return retryStoppedMigrations(dependencies, wakeUp.host, metadata);
  }
}

async function abortIfDeleted(dependencies: SagaDependencies, id: InstanceId, metadata: EventMetadata): Promise<void> {
  const row = dependencies.views.servers.find(id);
  if (row?.task?.task !== 'delete' || row.migration === null) return;
  await abortForDelete(dependencies, row.migration, metadata);
}
