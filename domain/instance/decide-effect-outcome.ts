import { impossible } from '../shared/impossible.ts';
import type { Instant } from '../shared/ids.ts';
import type { EffectOutcome, RecordEffectOutcome } from './instance-commands.ts';
import type { InstanceEvent } from './instance-events.ts';
import type { PresentInstance } from './instance-state.ts';
import { nextInstanceEffect, type InstanceEffect } from './next-instance-effect.ts';

/** Records an outcome only if it is the one awaited: late, repeated and foreign ones change nothing. */
export function decideEffectOutcome(
  state: PresentInstance,
  { effectOutcome, at }: RecordEffectOutcome,
): readonly InstanceEvent[] {
  const awaited = nextInstanceEffect(state);
  if (awaited === null || awaited.effect !== effectOutcome.effect) return [];
  return [effectOutcome.outcome === 'failed' ? failure(awaited, effectOutcome, at) : success(state, effectOutcome, at)];
}

type Succeeded = Extract<EffectOutcome, { outcome: 'succeeded' }>;
type Failed = Extract<EffectOutcome, { outcome: 'failed' }>;

function success(state: PresentInstance, told: Succeeded, at: Instant): InstanceEvent {
  switch (told.effect) {
    case 'schedule':
      return { type: 'InstanceScheduled', host: told.host, at };
    case 'captureDefinition':
      return { type: 'OriginalDefinitionCaptured', ...told.original, at };
    case 'spawn':
      return { type: 'InstanceSpawned', at };
    case 'power':
      return { type: 'PowerActionCompleted', action: actionOf(nextInstanceEffect(state)), at };
    case 'rescue':
      return { type: 'InstanceRescued', at };
    case 'unrescue':
      return { type: 'InstanceUnrescued', at };
    case 'rebuild':
      return { type: 'InstanceRebuilt', at };
    case 'resize':
    case 'coldMigrate':
      return { type: 'InstanceResized', at };
    case 'confirmResize':
      return { type: 'ResizeConfirmed', initiator: confirmedBy(state), at };
    case 'shelve':
      return { type: 'InstanceShelved', at };
    case 'unshelve':
      return { type: 'InstanceUnshelved', at };
    case 'snapshot':
      return { type: 'SnapshotTaken', at };
    case 'revertColdMigration':
    case 'revertResize':
      return { type: 'ResizeReverted', at };
    case 'destroy':
      return { type: 'InstanceDeleted', at };
    default:
      return impossible(told, 'decideEffectOutcome');
  }
}

function failure(awaited: InstanceEffect, { effect, reason, guestAffected }: Failed, at: Instant): InstanceEvent {
  switch (effect) {
    case 'schedule':
    case 'spawn':
      return { type: 'InstanceCreateFailed', reason, at };
    case 'power':
      return { type: 'PowerActionFailed', action: actionOf(awaited), reason, at };
    case 'captureDefinition':
      return { type: 'RescueFailed', reason, guestAffected: false, at };
    case 'rescue':
      return { type: 'RescueFailed', reason, guestAffected, at };
    case 'unrescue':
      return { type: 'UnrescueFailed', reason, at };
    case 'rebuild':
      return { type: 'RebuildFailed', reason, at };
    case 'resize':
    case 'coldMigrate':
    case 'confirmResize':
      return { type: 'ResizeFailed', reason, guestAffected, at };
    case 'shelve':
      return { type: 'ShelveFailed', reason, guestAffected, at };
    case 'unshelve':
      return { type: 'UnshelveFailed', reason, at };
    case 'snapshot':
      return { type: 'SnapshotFailed', reason, at };
    case 'revertColdMigration':
    case 'revertResize':
      return { type: 'ResizeRevertFailed', reason, at };
    case 'destroy':
      return { type: 'DeleteFailed', reason, at };
    default:
      return impossible(effect, 'decideEffectOutcome');
  }
}

function confirmedBy({ task }: PresentInstance) {
  if (task?.task !== 'confirmResize') throw new Error('decideEffectOutcome: a confirmation was not awaited');
  return task.initiator;
}

function actionOf(awaited: InstanceEffect | null) {
  if (awaited?.effect !== 'power') throw new Error('decideEffectOutcome: a power action was not awaited');
  return awaited.action;
}
