import { evolveSaga } from '../../domain/migration/evolve-saga.ts';
import { INITIAL_SAGA, type SagaState } from '../../domain/migration/saga-state.ts';
import type { StepName, UndoName } from '../../domain/migration/saga-steps.ts';
import type { Sighting } from '../../domain/migration/whereabouts.ts';
import { hostName, instanceId, instant, migrationId, projectId, requestId, userId } from '../../domain/shared/ids.ts';

/** What the runner of the saga is in the middle of. Each change of it is a moment at which it can die. */
export type Task =
  | { readonly doing: 'step'; readonly step: Exclude<StepName, 'migrateGuest'> }
  | { readonly doing: 'undo'; readonly undo: UndoName }
  | { readonly doing: 'migrate'; readonly phase: 'prepare' | 'perform' | 'finish' | 'abandon' }
  | {
      readonly doing: 'ask';
      readonly before: Question;
      readonly source: Sighting | null;
      readonly destination: Sighting | null;
    }
  | { readonly doing: 'tell'; readonly of: StepName | UndoName; readonly outcome: 'succeeded' | 'failed' | 'unknown' };

/** Both hosts are asked after the transfer, and again right before the source is resumed or removed. */
export type Question = 'migrateGuest' | 'restoreSource' | 'confirmSource';

/** A change that was asked for and whose asker does not wait any more: it may still happen, at any later moment. */
export type LateEffect =
  'prepareDestination' | 'stageArtifacts' | 'finish' | 'restoreSource' | 'confirmSource' | 'clearSource';

export type ModelWorld = {
  readonly saga: SagaState;
  /** Both hosts have the same directory for the server: nothing is copied, and nothing may be removed. */
  readonly shared: boolean;
  readonly task: Task | null;
  readonly source: {
    /** `waiting`: paused by the hypervisor after its memory was handed over. */
    readonly guest: 'running' | 'waiting' | 'off' | 'gone';
    readonly files: boolean;
    readonly reachable: boolean;
  };
  readonly destination: {
    readonly guest: 'none' | 'incoming' | 'running' | 'off' | 'crashed' | 'neverStarted';
    readonly directory: boolean;
    readonly artifacts: boolean;
    readonly reachable: boolean;
    /** The connection that an incoming guest depends on has gone; its host will notice. */
    readonly abandoned: boolean;
  };
  readonly late: readonly LateEffect[];
  /** False from the moment somebody has killed or switched off the guest: then there is no copy to keep running. */
  readonly guestAlive: boolean;
  /** True from the moment the destination has started the guest. */
  readonly hasArrived: boolean;
  /** True once an operator has answered that the destination's copy is the guest. */
  readonly adoptedByOperator: boolean;
  /** True once a change has landed after its asker had given up. */
  readonly hadLateEffect: boolean;
  readonly faultsLeft: number;
  readonly leversLeft: number;
};

const AT = instant('2026-01-01T00:00:00.000Z');

/** A migration that was just accepted, with so many faults and so many pulls of a lever to come. */
export function initialWorld(faults: number, levers: number, shared: boolean): ModelWorld {
  const saga = evolveSaga(INITIAL_SAGA, {
    type: 'MigrationAccepted',
    migrationId: migrationId('m'),
    instanceId: instanceId('i'),
    source: hostName('a'),
    requestedHost: null,
    blockMigration: 'auto',
    rescued: true,
    initiator: { requestId: requestId('r'), userId: userId('u'), projectId: projectId('p') },
    at: AT,
  });
  return {
    saga,
    shared,
    task: null,
    source: { guest: 'running', files: true, reachable: true },
    destination: { guest: 'none', directory: shared, artifacts: shared, reachable: true, abandoned: false },
    late: [],
    guestAlive: true,
    hasArrived: false,
    adoptedByOperator: false,
    hadLateEffect: false,
    faultsLeft: faults,
    leversLeft: levers,
  };
}

/** Two worlds with the same key have the same future: who asked, when and why is left out. */
export function keyOf(world: ModelWorld): string {
  const { saga, ...rest } = world;
  if (saga.phase === 'absent') throw new Error('keyOf: the migration was never accepted');
  const { initiator: _initiator, migrationId: _id, instanceId: _server, source: _source, ...course } = saga;
  return JSON.stringify([course, rest], (key, value: unknown) => (key === 'reason' ? '' : value));
}

export const MODEL_TIME = AT;
