import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Image } from '../../../application/ports/image-service.ts';
import { imageId } from '../../../domain/shared/ids.ts';
import { ComputeApiWorld, QUEUED_IMAGE } from '../../support/compute-api-world.ts';
import { IMAGE } from '../../support/server-stages.ts';

const PRIVATE = '0a0a0a0a-0000-4000-8000-000000000001';
const RESCUE = '0a0a0a0a-0000-4000-8000-000000000002';
const DATA = Buffer.from('the bytes of a rescue image');

const world = new ComputeApiWorld();
beforeAll(() => {
  put({ id: PRIVATE, name: 'secret', visibility: 'private', createdAt: '2026-11-23T09:00:00Z' }, Buffer.of(1));
  put(
    { id: RESCUE, name: 'rescue', sizeBytes: DATA.length, createdAt: '2026-11-23T10:00:00Z', diskFormat: 'iso' },
    DATA,
  );
});
afterAll(() => world.close());

function put(image: Omit<Partial<Image>, 'id'> & { readonly id: string }, data: Uint8Array): void {
  world.images.put(
    {
      name: image.id,
      status: 'active',
      diskFormat: 'raw',
      containerFormat: 'bare',
      sizeBytes: data.length,
      sha256: null,
      minDiskGiB: 0,
      minRamMiB: 0,
      visibility: 'public',
      createdAt: '2026-11-23T08:00:00Z',
      updatedAt: '2026-11-23T08:00:00Z',
      properties: { hw_rescue_bus: 'virtio', name: 'a property cannot take the place of a key' },
      ...image,
      id: imageId(image.id),
    },
    data,
  );
}

const get = (path: string, roles: string | null = 'member') => world.call('GET', `/image${path}`, { roles });
const names = async (query: string, roles = 'member'): Promise<readonly string[]> => {
  const answer = await get(`/v2/images${query}`, roles);
  expect(answer.statusCode).toBe(200);
  return answer.json().images.map(({ name }: { name: string }) => name);
};

describe('the image service', () => {
  it('says which versions it has, to anybody', async () => {
    const versions = await get('', null);
    expect(versions.statusCode).toBe(300);
    const [newest] = versions.json().versions;
    expect(newest.status).toBe('CURRENT');
    expect(newest.links[0].href).toMatch(/^http:\/\/[^/]+\/image\/v2\/$/);
  });

  it('shows an image as Glance does', async () => {
    const answer = await get(`/v2/images/${RESCUE}`);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.json()).toEqual({
      hw_rescue_bus: 'virtio',
      name: 'rescue',
      disk_format: 'iso',
      container_format: 'bare',
      visibility: 'public',
      size: DATA.length,
      virtual_size: null,
      status: 'active',
      checksum: null,
      protected: true,
      min_ram: 0,
      min_disk: 0,
      owner: null,
      os_hidden: false,
      os_hash_algo: null,
      os_hash_value: null,
      id: RESCUE,
      created_at: '2026-11-23T10:00:00Z',
      updated_at: '2026-11-23T08:00:00Z',
      tags: [],
      self: `/v2/images/${RESCUE}`,
      file: `/v2/images/${RESCUE}/file`,
      schema: '/v2/schemas/image',
    });
    expect((await get(`/v2/images/${QUEUED_IMAGE}`)).json()).toMatchObject({ status: 'queued', size: null });
  });

  it('gives the data out', async () => {
    const answer = await get(`/v2/images/${RESCUE}/file`);
    expect(answer.headers['content-type']).toBe('application/octet-stream');
    expect(answer.headers['content-length']).toBe(String(DATA.length));
    expect(answer.rawPayload.equals(DATA)).toBe(true);
    expect((await get(`/v2/images/${QUEUED_IMAGE}/file`)).statusCode).toBe(204);
  });

  it('lists newest first, filtered and sorted as asked', async () => {
    expect(await names('')).toEqual(['rescue', 'sample-active', 'sample-queued']);
    expect(await names('?name=rescue')).toEqual(['rescue']);
    expect(await names('?name=in:rescue,sample-active&sort=name:asc')).toEqual(['rescue', 'sample-active']);
    expect(await names('?status=active&sort_key=name&sort_dir=desc')).toEqual(['sample-active', 'rescue']);
    expect(await names('?disk_format=iso')).toEqual(['rescue']);
    expect(await names('?hw_rescue_bus=virtio')).toEqual(['rescue']);
    expect(await names('?hw_rescue_bus=ide')).toEqual([]);
    expect(await names('?created_at=gte:2026-11-23T10:00:00Z')).toEqual(['rescue']);
    expect(await names('?created_at=lt:2026-11-23T08:00:00Z')).toEqual([]);
    expect(await names('?size_min=2')).toEqual(['rescue']);
    expect(await names('?owner=somebody')).toEqual([]);
    expect(await names('?protected=False')).toEqual([]);
    expect(await names('?os_hidden=False&protected=true&visibility=public&name=rescue')).toEqual(['rescue']);
  });

  it('gives pages, each with the way to the next', async () => {
    const seen: string[] = [];
    let path: string | undefined = '/v2/images?limit=1&sort=name:asc';
    for (let page = 0; path !== undefined && page < 10; page += 1) {
      const { images, next, first }: { images: { name: string }[]; next?: string; first: string } = (
        await get(path)
      ).json();
      expect(first).toBe('/v2/images?limit=1&sort=name%3Aasc');
      seen.push(...images.map(({ name }) => name));
      path = next;
    }
    expect(seen).toEqual(['rescue', 'sample-active', 'sample-queued']);
  });

  it('shows private images to administrators only, by its own API and by the old one of the Compute API', async () => {
    expect(await names('?name=secret')).toEqual([]);
    expect(await names('?name=secret', 'admin')).toEqual(['secret']);
    const old = (roles: string) => world.call('GET', `/v2.1/images/${PRIVATE}`, { roles });
    expect((await old('member')).statusCode).toBe(404);
    expect((await old('admin')).statusCode).toBe(200);
    for (const path of [`/v2/images/${PRIVATE}`, `/v2/images/${PRIVATE}/file`, `/v2/images/${PRIVATE}/members`]) {
      expect((await get(path)).statusCode).toBe(404);
      expect((await get(path, 'admin')).statusCode).toBe(200);
    }
  });

  it.each(['?limit=x', '?limit=-1', '?marker=nowhere', '?sort=colour', '?sort=name:up', '?created_at=soon'])(
    'refuses to list %s',
    async (query) => {
      expect((await get(`/v2/images${query}`)).statusCode).toBe(400);
    },
  );

  it('tells of no image as Glance does, and repeats nothing as a page', async () => {
    const answer = await get('/v2/images/%3Cscript%3E');
    expect(answer.statusCode).toBe(404);
    expect(answer.headers['content-type']).toBe('text/html; charset=UTF-8');
    expect(answer.body).toContain('404 Not Found');
    expect(answer.body).not.toContain('<script>');
    expect((await get(`/v2/images/${IMAGE.replace('d', 'e')}`)).statusCode).toBe(404);
    expect((await get('/v2/nowhere')).statusCode).toBe(404);
  });

  it('wants a token, and lets nobody change what lies in the directory', async () => {
    for (const path of ['/v2/images', `/v2/images/${IMAGE}`, `/v2/images/${IMAGE}/file`, '/v2/schemas/image']) {
      expect((await get(path, null)).statusCode).toBe(401);
    }
    for (const method of ['POST', 'PUT', 'DELETE'] as const) {
      expect((await world.call(method, `/image/v2/images/${IMAGE}`, { roles: 'admin' })).statusCode).toBe(403);
    }
  });
});
