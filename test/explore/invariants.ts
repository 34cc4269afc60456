import { PIVOT_INDEX } from '../../domain/migration/saga-steps.ts';
import type { Rules } from './model-rules.ts';
import type { ModelWorld } from './model-world.ts';

/** Null when it holds; otherwise what is wrong. */
export type Invariant = (world: ModelWorld, rules: Rules) => string | null;

/** What must be true of every world that can be reached, whatever has gone wrong on the way. */
export const INVARIANTS: Readonly<Record<string, Invariant>> = {
  'never two running copies': ({ source, destination }) =>
    source.guest === 'running' && destination.guest === 'running' ? 'the guest runs on both hosts' : null,

  'never none': ({ guestAlive, source, destination }) =>
    guestAlive && source.guest !== 'running' && source.guest !== 'waiting' && destination.guest !== 'running'
      ? 'nobody has killed the guest, and no copy of it is left'
      : null,

  'the files stay where the guest is': ({ source, destination }) => {
    const onDestination = ['running', 'off', 'crashed'].includes(destination.guest);
    if (onDestination && source.guest === 'gone') {
      return destination.directory && destination.artifacts ? null : 'the guest has arrived and its files have not';
    }
    return source.files ? null : 'the source has the guest and not its files';
  },

  'the log tells the truth about the pivot': ({ saga, hasArrived, adoptedByOperator }) => {
    const isPast = saga.phase === 'completed' || (saga.phase === 'forward' && saga.stepIndex > PIVOT_INDEX);
    return isPast && !hasArrived && !adoptedByOperator ? 'the log says that the guest has moved' : null;
  },

  'nothing is undone behind the pivot': ({ saga, source, hasArrived, guestAlive }) =>
    saga.phase === 'unwinding' && hasArrived && guestAlive && source.guest === 'gone'
      ? 'a migration whose guest has moved is being undone'
      : null,

  'the end is what it says': (world, rules) => {
    if (world.task !== null || rules.nextAction(world.saga) !== null || world.late.length > 0) return null;
    return endProblem(world);
  },
};

function endProblem(world: ModelWorld): string | null {
  const { saga, shared, source, destination, guestAlive, hadLateEffect } = world;
  switch (saga.phase) {
    case 'completed':
      if (destination.guest !== 'running' && guestAlive) return 'completed, and the guest does not run there';
      return source.guest === 'gone' && source.files === shared
        ? null
        : 'completed, and something is left on the source';
    case 'rolledBack':
      if (guestAlive && source.guest !== 'running') return 'rolled back, and the guest does not run on the source';
      if (destination.guest !== 'none' && destination.guest !== 'off') return 'rolled back, and a guest is left';
      return destination.directory && !shared && !hadLateEffect
        ? 'rolled back, and files are left on the destination'
        : null;
    case 'needsOperator':
      return null;
    case 'forward':
    case 'unwinding':
    case 'absent':
      return 'the migration stands still in the middle';
  }
}
