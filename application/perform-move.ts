import type { PresentInstance } from '../domain/instance/instance-state.ts';
import type { InstanceEffect } from '../domain/instance/next-instance-effect.ts';
import type { Instant } from '../domain/shared/ids.ts';
import { succeeded, type Outcome } from '../domain/shared/outcome.ts';
import type { ComputeHosts } from './compute-hosts.ts';
import type { GuestDescription, HypervisorDriver, RescueOutcome } from './ports/hypervisor-driver.ts';
import type { NewImage } from './ports/image-service.ts';
import { snapshotImage } from './snapshot-image.ts';

/** The effects that take a server to another host, or off every one, while it does not run; or its disk alone. */
export type MoveEffect = Extract<
  InstanceEffect,
  { effect: 'coldMigrate' | 'confirmResize' | 'revertColdMigration' | 'shelve' | 'unshelve' | 'snapshot' }
>;

type MoveOutcome = Outcome<null> | Exclude<RescueOutcome, { outcome: 'succeeded' }>;

/** Does what the effect asks for. Every part may be repeated: it looks at what stands. */
export async function performMove(
  { driver, hosts, at }: { readonly driver: HypervisorDriver; readonly hosts: ComputeHosts; readonly at: Instant },
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
      return shelve(driver, instance, snapshotImage(instance, { ...effect.image, ...PLAIN }, at));
    case 'snapshot':
      return snapshot(driver, snapshotImage(instance, effect.image, at), instance);
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

const PLAIN = { minRamMiB: 0, properties: {} } as const;

/** As in Nova, nothing stays of an image that could not be made. */
async function snapshot(
  { snapshots }: HypervisorDriver,
  image: NewImage,
  { instanceId }: PresentInstance,
): Promise<MoveOutcome> {
  if (snapshots === null) return unable(NO_IMAGES);
  const taken = await snapshots.snapshot(instanceId, image);
  if (taken.outcome !== 'succeeded') await snapshots.discardSnapshot(image.id);
  return taken;
}

const NO_IMAGES = 'Nothing here can store an image.';

/** Told twice, the guest may be gone already; then its image stands. */
async function shelve(driver: HypervisorDriver, instance: PresentInstance, image: NewImage): Promise<MoveOutcome> {
  const { instanceId } = instance;
  if (driver.snapshots === null) return unable(NO_IMAGES);
  const present = await driver.inquire(instanceId);
  if (present.outcome !== 'succeeded') return present;
  if (present.value.presence === 'present') {
    const stopped = await driver.stop(instanceId);
    if (stopped.outcome !== 'succeeded') return stopped;
    const taken = await snapshot(driver, image, instance);
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
