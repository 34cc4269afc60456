import { describe, expect, it } from 'vitest';
import type { NewImage } from '../../application/ports/image-service.ts';
import { imageId, instant } from '../../domain/shared/ids.ts';
import { refusalOf, twice, valueOf, type OpenPair } from './hypervisor-driver.fixture.ts';

const newImage = (): NewImage => ({
  id: imageId(crypto.randomUUID()),
  name: 'copy',
  owner: 'somebody',
  minDiskGiB: 0,
  minRamMiB: 0,
  properties: { image_type: 'snapshot' },
  at: instant('2026-11-23T16:30:00.000Z'),
});

export function snapshotStages(open: OpenPair): void {
  describe('a server of which images are made', () => {
    it('goes on as it was, and another one starts from its disk', async () => {
      const pair = open();
      const guest = pair.newGuest();
      const driver = pair.driver(pair.hosts[0]);
      const { snapshots } = driver;
      if (snapshots === null) throw new Error('nothing here can store an image');
      const image = newImage();
      expect(refusalOf(await snapshots.snapshot(guest.instanceId, image))).toContain(guest.instanceId);
      valueOf(await driver.spawn(guest));
      const before = await pair.listen(driver.host, guest.instanceId);
      const files = await pair.files(driver.host, guest.instanceId);
      await twice(() => snapshots.snapshot(guest.instanceId, image));
      expect(await pair.listen(driver.host, guest.instanceId)).toMatchObject({ bootId: before.bootId });

      valueOf(await driver.pause(guest.instanceId));
      const ofPaused = newImage();
      valueOf(await snapshots.snapshot(guest.instanceId, ofPaused));
      expect(valueOf(await driver.inquire(guest.instanceId))).toMatchObject({ power: 'paused' });
      valueOf(await driver.stop(guest.instanceId));
      const ofStopped = newImage();
      valueOf(await snapshots.snapshot(guest.instanceId, ofStopped));
      expect(valueOf(await driver.inquire(guest.instanceId))).toMatchObject({ power: 'shutdown' });
      expect(await pair.files(driver.host, guest.instanceId)).toEqual(files);
      for (const { id } of [image, ofPaused, ofStopped]) {
        expect(await pair.images.show(id)).toMatchObject({
          answer: 'found',
          value: { status: 'active', visibility: 'private', owner: 'somebody', properties: { image_type: 'snapshot' } },
        });
      }

      const other = { ...pair.newGuest(), images: { ...guest.images, imageId: image.id } };
      valueOf(await driver.spawn(other));
      const copy = await pair.listen(driver.host, other.instanceId);
      expect(copy.diskBoots).toBe(before.diskBoots + 1);
      for (const { instanceId } of [guest, other]) valueOf(await driver.destroy(instanceId));
      for (const { id } of [image, ofPaused, ofStopped]) await twice(() => snapshots.discardSnapshot(id));
      expect(await pair.images.show(image.id)).toEqual({ answer: 'imageNotFound' });
    });
  });
}
