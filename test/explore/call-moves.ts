import type { StepName, UndoName } from '../../domain/migration/saga-steps.ts';
import { HOST_CHANGES, hostOf, withDestination, withSource, type HostChange } from './model-hosts.ts';
import type { LateEffect, ModelWorld, Task } from './model-world.ts';
import type { Move } from './runner-moves.ts';

type Call = Exclude<StepName | UndoName, 'selectDestination' | 'migrateGuest'>;

const told = (of: StepName | UndoName, outcome: 'succeeded' | 'failed' | 'unknown'): Task => ({
  doing: 'tell',
  of,
  outcome,
});

/** Every way in which one call to one host can go: heard or lost, done or refused, answered, answered wrongly, or not. */
export function callMoves(world: ModelWorld, call: Call): readonly Move[] {
  const changed = changeOf(call)(world);
  if (!world[hostOf(call)].reachable) return [[`${call}: no connection`, { ...world, task: told(call, 'unknown') }]];
  const moves: Move[] = [
    changed === null
      ? [`${call}: refused`, { ...world, task: told(call, 'failed') }]
      : [`${call}: done`, { ...changed, task: told(call, 'succeeded') }],
  ];
  if (world.faultsLeft === 0) return moves;
  const faulty = (after: ModelWorld, outcome: 'failed' | 'unknown'): ModelWorld => ({
    ...after,
    task: told(call, outcome),
    faultsLeft: after.faultsLeft - 1,
  });
  moves.push([`${call}: fails`, faulty(world, 'failed')], [`${call}: request lost`, faulty(world, 'unknown')]);
  if (changed !== null) {
    moves.push([`${call}: done, reply lost`, faulty(changed, 'unknown')]);
    moves.push([`${call}: done, told as failed`, faulty(changed, 'failed')]);
  }
  if (isLate(call)) {
    moves.push([`${call}: to be done later`, faulty(later(world, call), 'unknown')]);
    if (changed !== null) {
      const repeated = { ...later(changed, call), task: told(call, 'succeeded'), faultsLeft: world.faultsLeft - 1 };
      moves.push([`${call}: done, and to be done once more`, repeated]);
    }
  }
  return moves;
}

function changeOf(call: Call): HostChange {
  // An operator may have taken the destination's copy while the source could not be asked to confirm.
  if (call !== 'clearSource') return HOST_CHANGES[call];
  return (world) => {
    const confirmed = HOST_CHANGES.confirmSource(world);
    return confirmed === null ? null : HOST_CHANGES.clearSource(confirmed);
  };
}

const LATE: readonly string[] = [
  'prepareDestination',
  'stageArtifacts',
  'restoreSource',
  'confirmSource',
  'clearSource',
] satisfies readonly LateEffect[];
const isLate = (call: Call): call is Call & LateEffect => LATE.includes(call);

const later = (world: ModelWorld, effect: LateEffect): ModelWorld =>
  world.late.includes(effect) ? world : { ...world, late: [...world.late, effect].toSorted() };

/** libvirt's phases as the driver drives them; whatever goes wrong, the destination is abandoned and both hosts are asked. */
export function migrateMoves(world: ModelWorld, phase: Extract<Task, { doing: 'migrate' }>['phase']): readonly Move[] {
  switch (phase) {
    case 'prepare':
      return phaseMoves(world, 'Prepare', world.destination.reachable && world.source.reachable, {
        done: canPrepare(world) ? withDestination(world, { guest: 'incoming', abandoned: false }) : null,
        next: { doing: 'migrate', phase: 'perform' },
      });
    case 'perform':
      return phaseMoves(world, 'Perform', world.source.reachable, {
        done:
          world.source.guest === 'running' && world.destination.guest === 'incoming'
            ? withSource(world, { guest: 'waiting' })
            : null,
        next: { doing: 'migrate', phase: 'finish' },
      });
    case 'finish':
      return finishMoves(world);
    case 'abandon': {
      // Finish(cancelled) where it can be heard; in any case the connection goes, and its host will notice.
      const { reachable, guest } = world.destination;
      const cancelled =
        guest !== 'incoming' ? world : withDestination(world, reachable ? { guest: 'none' } : { abandoned: true });
      const ask: Task = { doing: 'ask', before: 'migrateGuest', source: null, destination: null };
      return [['the destination is abandoned', { ...cancelled, task: ask }]];
    }
  }
}

function canPrepare({ destination, source }: ModelWorld): boolean {
  return destination.guest === 'none' && destination.directory && destination.artifacts && source.guest === 'running';
}

const ABANDON: Task = { doing: 'migrate', phase: 'abandon' };

function phaseMoves(
  world: ModelWorld,
  name: string,
  isReachable: boolean,
  { done, next }: { readonly done: ModelWorld | null; readonly next: Task },
): readonly Move[] {
  if (!isReachable || done === null) return [[`${name}: fails`, { ...world, task: ABANDON }]];
  const moves: Move[] = [[`${name}: done`, { ...done, task: next }]];
  if (world.faultsLeft === 0) return moves;
  const faultsLeft = world.faultsLeft - 1;
  moves.push([`${name}: fails by a fault`, { ...world, task: ABANDON, faultsLeft }]);
  moves.push([`${name}: done, reply lost`, { ...done, task: ABANDON, faultsLeft }]);
  return moves;
}

/** Once Finish was sent the incoming guest is not cancelled any more: only its connection goes. */
function finishMoves(world: ModelWorld): readonly Move[] {
  const ask: Task = { doing: 'ask', before: 'migrateGuest', source: null, destination: null };
  const abandoned = withDestination(world, { abandoned: world.destination.guest === 'incoming' });
  const done = world.destination.reachable ? HOST_CHANGES.finish(world) : null;
  if (done === null) return [['Finish: fails', { ...abandoned, task: ask }]];
  const moves: Move[] = [['Finish: done', { ...done, task: told('migrateGuest', 'succeeded') }]];
  if (world.faultsLeft === 0) return moves;
  const faultsLeft = world.faultsLeft - 1;
  moves.push(
    ['Finish: done, reply lost', { ...done, task: ask, faultsLeft }],
    ['Finish: fails and removes the guest', { ...withDestination(world, { guest: 'none' }), task: ask, faultsLeft }],
    [
      'Finish: fails and leaves a guest that never started',
      { ...withDestination(world, { guest: 'neverStarted', abandoned: false }), task: ask, faultsLeft },
    ],
    ['Finish: to be done later', { ...later(abandoned, 'finish'), task: ask, faultsLeft }],
  );
  return moves;
}
