import { possibleResolutions, type LeverCommand } from '../../domain/migration/decide-lever.ts';
import { HOST_CHANGES, withDestination, withSource } from './model-hosts.ts';
import type { Rules } from './model-rules.ts';
import { MODEL_TIME, type ModelWorld } from './model-world.ts';
import type { Move } from './runner-moves.ts';

const INITIATOR = null;

/** Everything that can happen beside the runner: crashes, partitions, deaths, what comes late, and what people do. */
export function environmentMoves(rules: Rules, world: ModelWorld): readonly Move[] {
  return [...lateMoves(world), ...hostMoves(world), ...faultMoves(world), ...leverMoves(rules, world)];
}

function lateMoves(world: ModelWorld): readonly Move[] {
  return world.late.flatMap((effect): readonly Move[] => {
    const late = world.late.filter((other) => other !== effect);
    const landed = HOST_CHANGES[effect](world);
    const dropped: Move = [`${effect} is never done`, { ...world, late }];
    return landed === null
      ? [dropped]
      : [dropped, [`${effect} is done late`, { ...landed, late, hadLateEffect: true }]];
  });
}

function hostMoves(world: ModelWorld): readonly Move[] {
  const moves: Move[] = [];
  if (world.destination.abandoned && world.destination.guest === 'incoming') {
    moves.push(['the destination notices', withDestination(world, { guest: 'none', abandoned: false })]);
  }
  if (!world.source.reachable) moves.push(['the source is reached again', withSource(world, { reachable: true })]);
  if (!world.destination.reachable) {
    moves.push(['the destination is reached again', withDestination(world, { reachable: true })]);
  }
  return moves;
}

function faultMoves(world: ModelWorld): readonly Move[] {
  if (world.faultsLeft === 0) return [];
  const costly = { ...world, faultsLeft: world.faultsLeft - 1 };
  const moves: Move[] = [];
  // What was begun ends with the connections of the process; what had been handed over stays so.
  if (world.task !== null) {
    const abandoned = world.destination.guest === 'incoming';
    moves.push(['the process dies', { ...withDestination(costly, { abandoned }), task: null }]);
  }
  if (world.source.reachable) moves.push(['the source is cut off', withSource(costly, { reachable: false })]);
  if (world.destination.reachable) {
    moves.push(['the destination is cut off', withDestination(costly, { reachable: false })]);
  }
  if (world.source.guest === 'running') {
    moves.push(['the guest dies on the source', { ...withSource(costly, { guest: 'off' }), guestAlive: false }]);
  }
  if (world.source.guest === 'waiting') {
    moves.push([
      'the waiting copy dies',
      { ...withSource(costly, { guest: 'off' }), guestAlive: world.hasArrived && world.guestAlive },
    ]);
  }
  if (world.destination.guest === 'incoming') {
    moves.push(['the incoming copy dies', withDestination(costly, { guest: 'none' })]);
  }
  if (world.destination.guest === 'running') {
    moves.push(
      ['the guest dies on the destination', { ...withDestination(costly, { guest: 'crashed' }), guestAlive: false }],
      ['the guest switches itself off there', { ...withDestination(costly, { guest: 'off' }), guestAlive: false }],
    );
  }
  return moves;
}

function leverMoves(rules: Rules, world: ModelWorld): readonly Move[] {
  if (world.leversLeft === 0) return [];
  const pulled = (label: string, command: LeverCommand): readonly Move[] => {
    const decision = rules.decideLever(world.saga, command);
    if (!decision.accepted || decision.events.length === 0) return [];
    const saga = decision.events.reduce(rules.evolveSaga, world.saga);
    const adopted = command.type === 'ResolveMigration' && command.resolution === 'adoptDestination';
    const adoptedByOperator = world.adoptedByOperator || adopted;
    return [[label, { ...world, saga, adoptedByOperator, leversLeft: world.leversLeft - 1 }]];
  };
  if (world.saga.phase === 'needsOperator') {
    return possibleResolutions(world.saga).flatMap((resolution) =>
      pulled(`an operator says ${resolution}`, {
        type: 'ResolveMigration',
        resolution,
        initiator: INITIATOR,
        at: MODEL_TIME,
      }),
    );
  }
  return pulled('the migration is aborted', { type: 'AbortForDelete', at: MODEL_TIME });
}
