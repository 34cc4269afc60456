import { corruptOnWrite, notFound, truncated } from '../../../adapters/simulated/simulated-faults.ts';
import { endGuest } from './end-guest.ts';
import type { Scene } from './scene.ts';

/** What is over at once, or waits for the next call that it can strike. */
export const MOMENTARY_FAULTS = {
  processKilled: ({ world }) => world.kill(),
  artifactCorrupted: ({ world }) => world.calls.arm('artifactWritten', corruptOnWrite()),
  artifactTruncated: ({ world }) => world.calls.arm('artifactWritten', truncated()),
  artifactMissing: ({ world }) => world.calls.arm('artifactRead', notFound()),
  sourceGuestKilled: (scene) => endGuest(scene, scene.source, 'crashed'),
  destinationGuestKilled: (scene) => endGuest(scene, scene.destination, 'crashed'),
  guestPowersItselfOff: (scene) => {
    const { cloud, instanceId } = scene.world;
    // A guest can only do so where its processor turns.
    const [host] = instanceId === null ? [] : cloud.runningCopies(instanceId);
    if (host !== undefined) endGuest(scene, host, 'shutdown');
  },
  appendWrittenButUnknown: ({ world }) => world.eventStore.nextAppend('writtenButUnknown'),
  appendLostAndUnknown: ({ world }) => world.eventStore.nextAppend('lostAndUnknown'),
  appendConflicts: ({ world }) => world.eventStore.nextAppend('conflicts'),
  eventsRedelivered: ({ world }) => world.eventStore.redeliver(),
} as const satisfies Readonly<Record<string, (scene: Scene) => void>>;
