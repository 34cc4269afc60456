import { instanceId, type InstanceId, type MigrationId } from '../domain/shared/ids.ts';
import { advanceInstance } from './advance-instance.ts';
import { advanceMigrationSaga } from './advance-migration-saga.ts';
import { KeyedQueue } from './keyed-queue.ts';
import type { DomainEvent, RecordedEvent } from './ports/event-store.ts';
import type { Subscription } from './run-subscription.ts';
import type { SagaDependencies } from './saga-step-dependencies.ts';

/** Whom an event wakes. What is then to be done is read from the history, never from the event that woke. */
type WakeUp =
  | { readonly wake: 'instance'; readonly instanceId: InstanceId }
  | { readonly wake: 'migration'; readonly instanceId: InstanceId; readonly migrationId: MigrationId };

const WAKES_INSTANCE: ReadonlySet<DomainEvent['type']> = new Set([
  'InstanceCreateRequested',
  'PowerActionRequested',
  'RescueRequested',
  'UnrescueRequested',
  'DeleteRequested',
  // A delete that waited for the migration to end.
  'LiveMigrationCompleted',
  'LiveMigrationRolledBack',
]);

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
      if (wakeUp === null) return null;
      const key = wakeUp.wake === 'migration' ? wakeUp.migrationId : wakeUp.instanceId;
      return queue.run(key, () => untilDone(dependencies, signal, event, wakeUp));
    },
  };
}

function wakeUpOf({ stream, data }: RecordedEvent): WakeUp | null {
  const woken = () => instanceId(stream.slice('instance-'.length));
  if (data.type === 'LiveMigrationRequested') {
    return { wake: 'migration', instanceId: woken(), migrationId: data.migrationId };
  }
  return WAKES_INSTANCE.has(data.type) ? { wake: 'instance', instanceId: woken() } : null;
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
      if (wakeUp.wake === 'instance') await advanceInstance(dependencies, wakeUp.instanceId, metadata);
      else await advanceMigrationSaga(dependencies, wakeUp, metadata);
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
