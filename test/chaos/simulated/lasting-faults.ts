import type { SimulatedImageFault } from '../../../adapters/simulated/simulated-image-service.ts';
import type { HostName } from '../../../domain/shared/ids.ts';
import { CHAOS_IMAGES } from './chaos-images.ts';
import type { ChaosWorld } from './chaos-world.ts';
import { releaseIfRunning } from './end-guest.ts';
import type { Scene } from './scene.ts';

type Lasting = { readonly begin: () => void; readonly end: () => void };

const SLOW_CHUNK_MS = 400;
const CUT_AFTER_BYTES = 200;

/** What begins, lasts, and is over. */
export const LASTING_FAULTS = {
  imageServiceDown: ({ world: { images } }) => ({
    begin: () => images.setOutage('503 Service Unavailable'),
    end: () => images.setOutage(null),
  }),
  imageServiceSlow: ({ world }) => everyImage(world, { fault: 'slow', milliseconds: SLOW_CHUNK_MS }),
  imageTruncated: ({ world }) => everyImage(world, { fault: 'cut', afterBytes: CUT_AFTER_BYTES }),
  imageCorrupted: ({ world }) => everyImage(world, { fault: 'corrupt' }),
  imageNotFound: ({ world }) => everyImage(world, { fault: 'imageNotFound' }),
  sourceUnreachable: ({ world, source }) => unreachable(world, source),
  destinationUnreachable: ({ world, destination }) => unreachable(world, destination),
  sourceLosesPower: (scene) => powerless(scene, scene.source),
  destinationLosesPower: (scene) => powerless(scene, scene.destination),
  sourceDiskFull: ({ world, source }) => diskFull(world, source),
  destinationDiskFull: ({ world, destination }) => diskFull(world, destination),
  storeRefusesWrites: ({ world: { eventStore } }) => ({
    begin: () => void (eventStore.refusesWrites = true),
    end: () => void (eventStore.refusesWrites = false),
  }),
  storeUnreadable: ({ world: { eventStore } }) => ({
    begin: () => void (eventStore.refusesReads = true),
    end: () => void (eventStore.refusesReads = false),
  }),
} as const satisfies Readonly<Record<string, (scene: Scene) => Lasting>>;

function everyImage({ images }: ChaosWorld, fault: SimulatedImageFault): Lasting {
  const script = (scripted: SimulatedImageFault): void =>
    Object.values(CHAOS_IMAGES).forEach((id) => images.script(id, scripted));
  return { begin: () => script(fault), end: () => script({ fault: 'none' }) };
}

function unreachable({ cloud }: ChaosWorld, host: HostName): Lasting {
  return { begin: () => cloud.hostDown(host), end: () => cloud.hostUp(host) };
}

function powerless({ world, witness }: Scene, host: HostName): Lasting {
  return {
    begin: () => {
      releaseIfRunning(world, witness, host);
      world.cloud.losePower(host);
    },
    end: () => world.cloud.hostUp(host),
  };
}

function diskFull({ cloud }: ChaosWorld, name: HostName): Lasting {
  const host = cloud.host(name);
  return { begin: () => void (host.diskFull = true), end: () => void (host.diskFull = false) };
}
