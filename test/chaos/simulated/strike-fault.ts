import {
  corruptOnWrite,
  delay,
  failAfter,
  failBefore,
  hang,
  lateEffect,
  notFound,
  truncated,
  unknownAfter,
  unknownBefore,
  type Fault,
} from '../../../adapters/simulated/simulated-faults.ts';
import { isOn } from '../../../adapters/simulated/simulated-guest.ts';
import type { SimulatedImageFault } from '../../../adapters/simulated/simulated-image-service.ts';
import type { HostName } from '../../../domain/shared/ids.ts';
import { CHAOS_IMAGES } from './chaos-images.ts';
import { HOSTS, type ChaosWorld } from './chaos-world.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { SimulatedFault } from './round-plan.ts';
import type { Requests } from './requests.ts';
import type { Witness } from './witness.ts';

export type Scene = {
  readonly world: ChaosWorld;
  readonly witness: Witness;
  readonly requests: Requests;
  /** Where the server lived when the stage began. */
  readonly source: HostName;
  readonly destination: HostName;
};

const SLOW_CHUNK_MS = 400;
const CUT_AFTER_BYTES = 200;
const REASON = 'internal error: something broke';

/** Lets one fault come. Resolves when it is over; what it set off may go on. */
export async function strikeFault(scene: Scene, { kind, holdMs }: SimulatedFault): Promise<void> {
  const { world } = scene;
  const callFault = callFaultOf(kind, holdMs);
  if (callFault !== null) return world.calls.arm('anyCall', callFault);
  const lasting = lastingFault(scene, kind);
  if (lasting === null) return strikeAtOnce(scene, kind);
  lasting.begin();
  await world.clock.sleep(holdMs);
  lasting.end();
}

function callFaultOf(kind: FaultKind, holdMs: number): Fault | null {
  switch (kind) {
    case 'callFails':
      return failBefore(REASON);
    case 'callFailsAfterItsEffect':
      return failAfter(REASON);
    case 'requestLost':
      return unknownBefore();
    case 'replyLost':
      return unknownAfter();
    case 'callHangs':
      return hang();
    case 'callActsLate':
      return lateEffect(holdMs);
    case 'callIsSlow':
      return delay(holdMs);
    default:
      return null;
  }
}

type Lasting = { readonly begin: () => void; readonly end: () => void };

function lastingFault({ world, source, destination, witness }: Scene, kind: FaultKind): Lasting | null {
  const reach = (host: HostName, reachable: boolean): void => void (world.cloud.host(host).reachable = reachable);
  const fill = (host: HostName, full: boolean): void => void (world.cloud.host(host).diskFull = full);
  const image = (fault: SimulatedImageFault): Lasting => ({
    begin: () => Object.values(CHAOS_IMAGES).forEach((id) => world.images.script(id, fault)),
    end: () => Object.values(CHAOS_IMAGES).forEach((id) => world.images.script(id, { fault: 'none' })),
  });
  const power = (host: HostName): Lasting => ({
    begin: () => {
      releaseIfRunning(world, witness, host);
      world.cloud.losePower(host);
    },
    end: () => world.cloud.hostUp(host),
  });
  switch (kind) {
    case 'imageServiceDown':
      return {
        begin: () => world.images.setOutage('503 Service Unavailable'),
        end: () => world.images.setOutage(null),
      };
    case 'imageServiceSlow':
      return image({ fault: 'slow', milliseconds: SLOW_CHUNK_MS });
    case 'imageTruncated':
      return image({ fault: 'cut', afterBytes: CUT_AFTER_BYTES });
    case 'imageCorrupted':
      return image({ fault: 'corrupt' });
    case 'imageNotFound':
      return image({ fault: 'imageNotFound' });
    case 'sourceUnreachable':
      return { begin: () => reach(source, false), end: () => reach(source, true) };
    case 'destinationUnreachable':
      return { begin: () => reach(destination, false), end: () => reach(destination, true) };
    case 'sourceLosesPower':
      return power(source);
    case 'destinationLosesPower':
      return power(destination);
    case 'sourceDiskFull':
      return { begin: () => fill(source, true), end: () => fill(source, false) };
    case 'destinationDiskFull':
      return { begin: () => fill(destination, true), end: () => fill(destination, false) };
    case 'storeRefusesWrites':
      return {
        begin: () => (world.eventStore.refusesWrites = true),
        end: () => (world.eventStore.refusesWrites = false),
      };
    case 'storeUnreadable':
      return {
        begin: () => (world.eventStore.refusesReads = true),
        end: () => (world.eventStore.refusesReads = false),
      };
    default:
      return null;
  }
}

function strikeAtOnce(scene: Scene, kind: FaultKind): Promise<void> | void {
  const { world, requests, source, destination } = scene;
  switch (kind) {
    case 'processKilled':
      return world.kill();
    case 'artifactCorrupted':
      return world.calls.arm('artifactWritten', corruptOnWrite());
    case 'artifactTruncated':
      return world.calls.arm('artifactWritten', truncated());
    case 'artifactMissing':
      return world.calls.arm('artifactRead', notFound());
    case 'sourceGuestKilled':
      return endGuest(scene, source, 'crashed');
    case 'destinationGuestKilled':
      return endGuest(scene, destination, 'crashed');
    case 'guestPowersItselfOff': {
      // A guest can only do so where its processor turns.
      const [host] = world.instanceId === null ? [] : world.cloud.runningCopies(world.instanceId);
      return host === undefined ? undefined : endGuest(scene, host, 'shutdown');
    }
    case 'appendWrittenButUnknown':
      return world.eventStore.nextAppend('writtenButUnknown');
    case 'appendLostAndUnknown':
      return world.eventStore.nextAppend('lostAndUnknown');
    case 'appendConflicts':
      return world.eventStore.nextAppend('conflicts');
    case 'eventsRedelivered':
      return world.eventStore.redeliver();
    default:
      return requests.meanwhile(kind, { source, destination });
  }
}

/** An emulator ends: an incoming guest vanishes with it, any other stays defined without running. */
function endGuest({ world, witness }: Scene, name: HostName, state: 'crashed' | 'shutdown'): void {
  const { instanceId } = world;
  const host = world.cloud.host(name);
  const guest = instanceId === null ? undefined : host.guests.get(instanceId);
  if (instanceId === null || guest === undefined) return;
  if (guest.incoming) return world.cloud.removeGuest(host, instanceId);
  if (!isOn(guest)) return;
  releaseIfRunning(world, witness, name);
  const ended = { ...world.cloud.inState(guest, state), bootId: null, bootedFrom: null };
  world.cloud.putGuest(host, instanceId, ended, 'guestStopped');
}

/** A copy that waits for Confirm, or for Finish, may die without the guest's end: there is another one. */
function releaseIfRunning({ cloud, instanceId }: ChaosWorld, witness: Witness, host: HostName): void {
  const guest = instanceId === null ? null : cloud.guest(host, instanceId);
  if (instanceId === null || guest === null || !isOn(guest) || guest.incoming) return;
  const elsewhere = HOSTS.some((other) => other !== host && (cloud.guest(other, instanceId)?.bootId ?? null) !== null);
  if (guest.outgoing?.handedOver !== true || !elsewhere) witness.release();
}
