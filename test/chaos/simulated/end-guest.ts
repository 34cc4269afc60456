import { isOn } from '../../../adapters/simulated/simulated-guest.ts';
import type { HostName } from '../../../domain/shared/ids.ts';
import { HOSTS, type ChaosWorld } from './chaos-world.ts';
import type { Scene } from './scene.ts';
import type { Witness } from './witness.ts';

/** An emulator ends: an incoming guest vanishes with it, any other stays defined without running. */
export function endGuest({ world, witness }: Scene, name: HostName, state: 'crashed' | 'shutdown'): void {
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
export function releaseIfRunning(world: ChaosWorld, witness: Witness, host: HostName): void {
  const { cloud, instanceId } = world;
  const guest = instanceId === null ? null : cloud.guest(host, instanceId);
  if (guest === null || !isOn(guest) || guest.incoming) return;
  const elsewhere = HOSTS.some((other) => other !== host && mayGoOn(world, other));
  if (guest.outgoing?.handedOver !== true || !elsewhere) witness.release();
}

/** Nobody can ask for the Finish of a copy whose host is out of reach, and libvirt drops it with the connection. */
export function releaseIfOutOfReach(world: ChaosWorld, witness: Witness): void {
  if (HOSTS.some((host) => hasMemory(world, host)) && !HOSTS.some((host) => mayGoOn(world, host))) witness.release();
}

function mayGoOn(world: ChaosWorld, host: HostName): boolean {
  const { reachable, guests } = world.cloud.host(host);
  const isIncoming = world.instanceId !== null && guests.get(world.instanceId)?.incoming === true;
  return hasMemory(world, host) && (reachable || !isIncoming);
}

function hasMemory({ cloud, instanceId }: ChaosWorld, host: HostName): boolean {
  const guest = instanceId === null ? null : cloud.guest(host, instanceId);
  return guest !== null && isOn(guest) && guest.bootId !== null;
}
