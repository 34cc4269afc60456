import type { SagaEvent } from '../../domain/migration/saga-events.ts';
import { begun, finished, type ActionsOfInstance } from './project-instance-event.ts';

type Lever = Extract<SagaEvent['type'], 'AbortRequested' | 'ForceCompleteRequested'>;

/** Nova's names; underscores, unlike `live-migration` itself (nova.md F.4). */
const ACTION_OF: Readonly<Record<Lever, { readonly action: string; readonly event: string }>> = {
  AbortRequested: { action: 'live_migration_cancel', event: 'compute_live_migration_abort' },
  ForceCompleteRequested: {
    action: 'live_migration_force_complete',
    event: 'compute_live_migration_force_complete',
  },
};

/** Adds the action of an operator who aborts or hurries a migration; what became of it, the migration tells. */
export function projectLever(before: ActionsOfInstance, event: SagaEvent): ActionsOfInstance {
  if (event.type !== 'AbortRequested' && event.type !== 'ForceCompleteRequested') return before;
  const { initiator, at, type } = event;
  // Nobody has asked for the abort that a delete brings along.
  if (initiator === null) return before;
  const { action, event: name } = ACTION_OF[type];
  return finished(begun(before, action, { initiator, at }, name), action, name, { at });
}
