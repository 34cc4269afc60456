import type { Sighting } from '../../domain/migration/whereabouts.ts';
import type { LateEffect, ModelWorld } from './model-world.ts';

/** What each host answers when it is asked for the guest. */
export function sightingAtSource({ source }: ModelWorld): Sighting {
  if (!source.reachable) return 'unreachable';
  return ({ running: 'here', waiting: 'inMigration', off: 'off', gone: 'absent' } as const)[source.guest];
}

export function sightingAtDestination({ destination }: ModelWorld): Sighting {
  if (!destination.reachable) return 'unreachable';
  return SIGHTING_AT_DESTINATION[destination.guest];
}

const SIGHTING_AT_DESTINATION = {
  none: 'absent',
  incoming: 'inMigration',
  running: 'here',
  off: 'off',
  crashed: 'crashed',
  neverStarted: 'neverStarted',
} as const;

/** The hosts after the change; null when the host refuses it, as the drivers do. */
export type HostChange = (world: ModelWorld) => ModelWorld | null;

/** What each call of the driver does, with the driver's own refusals. `finish` is libvirt's phase of that name. */
export const HOST_CHANGES: Readonly<
  Record<LateEffect | 'removeArtifacts' | 'clearDestination' | 'adoptAtDestination', HostChange>
> = {
  prepareDestination: (world) =>
    world.destination.guest === 'none' ? withDestination(world, { directory: true }) : null,
  stageArtifacts: (world) => (world.destination.directory ? withDestination(world, { artifacts: true }) : null),
  finish: (world) =>
    world.destination.guest === 'incoming'
      ? { ...withDestination(world, { guest: 'running', abandoned: false }), hasArrived: true }
      : null,
  restoreSource: (world) =>
    world.source.guest === 'waiting'
      ? withSource(world, { guest: 'running' })
      : world.source.guest === 'gone'
        ? null
        : world,
  // Refuses a copy that runs: it waits for no confirmation.
  confirmSource: (world) => (world.source.guest === 'running' ? null : withSource(world, { guest: 'gone' })),
  clearSource: (world) => (world.source.guest === 'gone' ? withSource(world, { files: world.shared }) : null),
  removeArtifacts: (world) => withDestination(world, { artifacts: world.shared }),
  clearDestination: (world) => {
    const { shared, destination } = world;
    return destination.guest === 'running' || destination.guest === 'off'
      ? null
      : withDestination(world, { guest: 'none', directory: shared, artifacts: shared, abandoned: false });
  },
  adoptAtDestination: (world) => (['running', 'off', 'crashed'].includes(world.destination.guest) ? world : null),
};

export function withSource(world: ModelWorld, change: Partial<ModelWorld['source']>): ModelWorld {
  return { ...world, source: { ...world.source, ...change } };
}

export function withDestination(world: ModelWorld, change: Partial<ModelWorld['destination']>): ModelWorld {
  return { ...world, destination: { ...world.destination, ...change } };
}

/** On which of the two hosts a driver call works. */
export function hostOf(change: keyof typeof HOST_CHANGES): 'source' | 'destination' {
  return change === 'restoreSource' || change === 'confirmSource' || change === 'clearSource'
    ? 'source'
    : 'destination';
}
