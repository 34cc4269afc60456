import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { imageId, instant, type ImageId } from '../../../domain/shared/ids.ts';
import { ComputeApiWorld } from '../../support/compute-api-world.ts';
import { OTHER_PROJECT, PROJECT } from '../../support/role-header-identity.ts';
import { IMAGE } from '../../support/server-stages.ts';

const MADE = '0a0a0a0a-0000-4000-8000-00000000000a';
const AT = instant('2026-11-23T16:30:00.000Z');

const world = new ComputeApiWorld();
afterEach(() => world.images.remove(imageId(MADE)));
afterAll(() => world.close());

/** As createImage makes one, with its data. */
async function make(owner = PROJECT, id: ImageId = imageId(MADE)): Promise<void> {
  const { uploads } = world.images;
  await uploads.reserve({ id, name: 'copy', owner, minDiskGiB: 1, minRamMiB: 0, properties: {}, at: AT });
  async function* bytes() {
    yield Buffer.from('disk');
  }
  await uploads.upload(id, { diskFormat: 'qcow2', sizeBytes: 4, bytes: bytes(), at: AT });
}

/** Glance's API, and Nova's proxy of it. */
const glance = (id: string, roles = 'member') => world.call('DELETE', `/image/v2/images/${id}`, { roles });
const nova = (id: string, roles = 'member', microversion = '2.1') =>
  world.call('DELETE', `/v2.1/images/${id}`, { roles, microversion });
const isThere = async () => (await world.images.show(imageId(MADE))).answer === 'found';

describe.each([
  { name: 'the image API', remove: glance },
  { name: 'the image proxy of the Compute API', remove: nova },
])('deleting an image by $name', ({ remove }) => {
  it('takes an image of the own project away, once', async () => {
    await make();
    const answer = await remove(MADE.toUpperCase());
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    expect(await isThere()).toBe(false);
    expect((await remove(MADE)).statusCode).toBe(404);
  });

  it('lets administrators delete the images of any project', async () => {
    await make(OTHER_PROJECT);
    expect((await remove(MADE)).statusCode).toBe(404);
    expect((await remove(MADE, 'admin')).statusCode).toBe(204);
  });

  it('leaves what it may not delete', async () => {
    await make();
    expect((await remove(MADE, 'reader')).statusCode).toBe(403);
    expect(await isThere()).toBe(true);
    for (const roles of ['reader', 'member', 'admin']) expect((await remove(IMAGE, roles)).statusCode).toBe(403);
    for (const id of ['..%2f..%2fetc', 'x', '0a0a0a0a-0000-4000-8000-0000000000ff']) {
      expect((await remove(id)).statusCode).toBe(404);
    }
    expect((await world.images.show(imageId(IMAGE))).answer).toBe('found');
  });

  it('refuses an image that a server is made of until the server is gone', async () => {
    await make(PROJECT, imageId(MADE));
    const created = await world.call('POST', '/v2.1/servers', {
      roles: 'member',
      body: { server: { name: 'second', imageRef: MADE, flavorRef: '1' } },
    });
    const { id } = created.json().server;
    expect((await remove(MADE)).statusCode).toBe(409);
    expect(await isThere()).toBe(true);
    await world.call('DELETE', `/v2.1/servers/${id}`, { roles: 'member' });
    expect((await remove(MADE)).statusCode).toBe(204);
  });
});

describe('the words for an image that stays', () => {
  it("are Glance's in the image API", async () => {
    await make();
    expect((await glance(IMAGE, 'admin')).body).toContain(`Image ${IMAGE} is protected and cannot be deleted.`);
    expect((await glance(MADE, 'reader')).body).toContain('You are not authorized to complete delete_image action.');
    expect((await glance('nowhere')).body).toContain('Failed to find image nowhere to delete');
  });

  it("are Nova's in the Compute API, which has no images from 2.36 on", async () => {
    await make();
    expect((await nova(MADE, 'reader')).json().forbidden.message).toBe('You are not allowed to delete the image.');
    expect((await nova('nowhere')).json().itemNotFound.message).toBe('Image not found.');
    expect((await nova(MADE, 'member', '2.36')).statusCode).toBe(404);
    expect(await isThere()).toBe(true);
  });
});
