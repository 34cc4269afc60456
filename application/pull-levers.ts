import type { Forward, SagaState } from '../domain/migration/saga-state.ts';
import { PIVOT_INDEX } from '../domain/migration/saga-steps.ts';
import type { MigrationId } from '../domain/shared/ids.ts';
import { INSTANCE, instanceStream, MIGRATION_SAGA, migrationSagaStream } from './aggregates.ts';
import { handleCommand, loadAggregate, refuseToForget } from './handle-command.ts';
import { descriptionOf } from './migration-description.ts';
import { mayDrive } from './migration-driver.ts';
import type { EventMetadata } from './ports/event-store.ts';
import type { SagaDependencies } from './saga-step-dependencies.ts';
import { settleMigration } from './settle-migration.ts';

/** Between two tries: a job that is only about to begin can be neither stopped nor hurried. */
export const LEVER_RETRY_DELAY_MS = 250;
/** Then the driver's own deadlines have ended the step long ago. */
const LEVER_TRIES_MAX = 100_000;

/**
 * Hands an abort or a force-complete to the hypervisor while the guest is being copied. It works beside the runner that
 * waits for the copy, which learns of it from the way the copy ends. Woken by the request's event.
 */
export async function pullLevers(
  dependencies: SagaDependencies,
  migrationId: MigrationId,
  metadata: EventMetadata,
  signal: AbortSignal,
): Promise<void> {
  let isForced = false;
  for (let tries = 0; tries < LEVER_TRIES_MAX && !signal.aborted; tries += 1) {
    const { state } = await loadAggregate(dependencies.eventStore, MIGRATION_SAGA, migrationSagaStream(migrationId));
    // Whoever drives the migration pulls its levers.
    if (state.phase === 'absent' || !(await mayDrive(dependencies, { source: state.source, saga: state }))) return;
    // One that was still waiting for its turn has nobody who would tell the server.
    if (state.phase === 'rolledBack') return settleMigration(dependencies, state, metadata);
    if (!isUnderWay(state)) return;
    if (isCopying(state)) isForced = (await pull(dependencies, state, isForced)) || isForced;
    if (isForced && !state.abortRequested) return;
    await dependencies.clock.sleep(LEVER_RETRY_DELAY_MS, signal);
  }
}

/** A server that is being deleted needs no migration: its copy is stopped and what was prepared is undone. */
export async function abortForDelete(
  dependencies: SagaDependencies,
  migrationId: MigrationId,
  metadata: EventMetadata,
): Promise<void> {
  const stream = migrationSagaStream(migrationId);
  const command = { type: 'AbortForDelete', at: dependencies.clock.now() } as const;
  refuseToForget(stream, await handleCommand(dependencies, MIGRATION_SAGA, stream, command, metadata));
}

/** Before the pivot's end: later neither lever can change anything. */
function isUnderWay(saga: SagaState): saga is Forward {
  return saga.phase === 'forward' && saga.stepIndex <= PIVOT_INDEX;
}

function isCopying(saga: Forward): boolean {
  return saga.stepIndex === PIVOT_INDEX && saga.interrupted;
}

/** True when the copy was hurried. */
async function pull(dependencies: SagaDependencies, saga: Forward, isForced: boolean): Promise<boolean> {
  const driver = dependencies.hosts.driver(saga.source);
  const { state } = await loadAggregate(dependencies.eventStore, INSTANCE, instanceStream(saga.instanceId));
  if (driver === null || state.existence === 'absent') return false;
  const description = descriptionOf(saga, state);
  if (saga.abortRequested) {
    const aborted = await driver.abortMigration(description);
    if (aborted.outcome !== 'succeeded') dependencies.log.warn({ ...aborted, migrationId: saga.migrationId }, NOT_YET);
    return false;
  }
  return saga.forceCompleteRequested && !isForced && (await driver.forceComplete(description)).outcome === 'succeeded';
}

const NOT_YET = 'A migration could not be aborted yet; trying again.';
