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
export function releaseIfRunning({ cloud, instanceId }: ChaosWorld, witness: Witness, host: HostName): void {
  const guest = instanceId === null ? null : cloud.guest(host, instanceId);
  if (instanceId === null || guest === null || !isOn(guest) || guest.incoming) return;
  const elsewhere = HOSTS.some((other) => other !== host && (cloud.guest(other, instanceId)?.bootId ?? null) !== null);
  if (guest.outgoing?.handedOver !== true || !elsewhere) witness.release();
}

/**
 * A guest whose source copy died after the hand-over lives on at the destination, unless another fault comes between:
 * of a Finish that is lost, or a host that is out of reach, libvirt drops the copy that has never run.
 */
export function releaseIfHalfArrived({ cloud, instanceId }: ChaosWorld, witness: Witness): void {
  const copies = instanceId === null ? [] : HOSTS.map((host) => cloud.guest(host, instanceId));
  const withMemory = copies.filter((guest) => guest !== null && isOn(guest) && guest.bootId !== null);
  if (withMemory.length > 0 && withMemory.every((guest) => guest?.incoming === true)) witness.release();
}
