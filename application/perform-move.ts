import type { PresentInstance } from '../domain/instance/instance-state.ts';
import type { InstanceEffect } from '../domain/instance/next-instance-effect.ts';
import { succeeded, type Outcome } from '../domain/shared/outcome.ts';
import type { ComputeHosts } from './compute-hosts.ts';
import type { GuestDescription, HypervisorDriver, RescueOutcome } from './ports/hypervisor-driver.ts';

/** The effects that take a server to another host, or off every one, while it does not run. */
export type MoveEffect = Extract<
  InstanceEffect,
  { effect: 'coldMigrate' | 'confirmResize' | 'revertColdMigration' | 'shelve' | 'unshelve' }
>;

type MoveOutcome = Outcome<null> | Exclude<RescueOutcome, { outcome: 'succeeded' }>;

/** Does what the effect asks for. Every part may be repeated: it looks at what stands. */
export async function performMove(
  { driver, hosts }: { readonly driver: HypervisorDriver; readonly hosts: ComputeHosts },
  instance: PresentInstance,
  guest: GuestDescription,
  effect: MoveEffect,
): Promise<MoveOutcome> {
  const { instanceId } = instance;
  switch (effect.effect) {
    case 'coldMigrate':
      return driver.coldMigrations === null
        ? unable('This driver moves only servers that run.')
        : driver.coldMigrations.coldMigrate(instanceId, effect.destination, effect.start);
    case 'confirmResize':
      return driver.destroy(instanceId);
    case 'revertColdMigration':
      return revert(driver, hosts, instance, effect);
    case 'shelve':
      return shelve(driver, instance, effect.image);
    case 'unshelve':
      return unshelve(driver, guest, effect.image.imageId);
  }
}

const unable = (reason: string): MoveOutcome => ({ outcome: 'failed', reason, guestAffected: false });

/** The copy that has run meanwhile goes first: the server must never run twice. */
async function revert(
  driver: HypervisorDriver,
  hosts: ComputeHosts,
  { instanceId }: PresentInstance,
  { from, start }: Extract<MoveEffect, { effect: 'revertColdMigration' }>,
): Promise<MoveOutcome> {
  const other = hosts.driver(from);
  if (other === null) return unable(`${from} is not run by this process.`);
  const gone = await other.destroy(instanceId);
  if (gone.outcome !== 'succeeded') return gone;
  return start ? driver.start(instanceId) : succeeded(null);
}

/** Told twice, the guest may be gone already; then its image stands. */
async function shelve(
  driver: HypervisorDriver,
  { instanceId, owner }: PresentInstance,
  image: Extract<MoveEffect, { effect: 'shelve' }>['image'],
): Promise<MoveOutcome> {
  if (driver.snapshots === null) return unable('Nothing here can store an image.');
  const present = await driver.inquire(instanceId);
  if (present.outcome !== 'succeeded') return present;
  if (present.value.presence === 'present') {
    const taken = await driver.snapshots.snapshot(instanceId, { ...image, owner: owner.projectId });
    if (taken.outcome !== 'succeeded') return taken;
  }
  return driver.destroy(instanceId);
}

/** The image has served its turn as soon as the guest runs, as in Nova. */
async function unshelve(
  driver: HypervisorDriver,
  guest: GuestDescription,
  imageId: GuestDescription['images']['imageId'],
): Promise<MoveOutcome> {
  const spawned = await driver.spawn({ ...guest, images: { ...guest.images, imageId } });
  if (spawned.outcome !== 'succeeded') return spawned;
  return driver.snapshots === null ? succeeded(null) : driver.snapshots.discardSnapshot(imageId);
}
