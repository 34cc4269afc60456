import type { MigrationRow } from '../../../application/views/migrations-view.ts';
import type { ServerRow } from '../../../application/views/servers-view.ts';
import type { InstanceId } from '../../../domain/shared/ids.ts';
import type { ChaosWorld } from './chaos-world.ts';
import type { Requests } from './requests.ts';

const SMALL_STEP_MS = 100;
const LARGE_STEP_MS = 1000;
const SMALL_STEPS = 50;
/** Nothing may stay under way for longer than this after the last fault has ended. */
export const SETTLING_MS_MAX = 900_000;

/** What the program says of the server: null while no process serves, or before it has heard of it. */
export function serverRow({ process }: ChaosWorld, instanceId: InstanceId): ServerRow | null {
  return process?.views.servers.find(instanceId) ?? null;
}

/** The migration that waits for an operator and keeps the server waiting with it, or null. */
export function stoppedMigration({ process }: ChaosWorld, row: ServerRow): MigrationRow | null {
  if (row.migration === null) return null;
  const migration = process?.views.migrations.find(row.migration) ?? null;
  return migration?.saga.phase === 'needsOperator' ? migration : null;
}

/** True when nothing is under way: no request, no task, no late effect, or only an operator is waited for. */
export function isAtRest(world: ChaosWorld, requests: Requests, instanceId: InstanceId): boolean {
  const { process } = world;
  if (process === null || requests.underWay > 0 || world.calls.underWay > 0) return false;
  const row = serverRow(world, instanceId);
  if (row === null) return false;
  if (row.existence === 'deleted') return true;
  if (row.migration !== null) return stoppedMigration(world, row) !== null;
  return row.task === null;
}

/** Lets time pass until `done`; false when it is not so after `withinMs`. */
export async function passTimeUntil(
  { clock }: ChaosWorld,
  done: () => boolean,
  withinMs: number = SETTLING_MS_MAX,
): Promise<boolean> {
  // A look at once would see the state before what was just begun.
  for (let passedMs = 0, steps = 0; passedMs <= withinMs; steps += 1) {
    const stepMs = steps < SMALL_STEPS ? SMALL_STEP_MS : LARGE_STEP_MS;
    await clock.advance(stepMs);
    passedMs += stepMs;
    if (done()) return true;
  }
  return false;
}
