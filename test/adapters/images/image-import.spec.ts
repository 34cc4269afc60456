import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importImage, type ImageDescription } from '../../../adapters/images/image-import.ts';
import { LocalImageDirectory } from '../../../adapters/images/local-image-directory.ts';
import { imageId } from '../../../domain/shared/ids.ts';
import { rawImage, sha256Of, vmdkDescriptor } from '../../support/sample-images.ts';

const ID = imageId('5b1b5a70-4d0c-4a5e-8b1f-000000000001');
const description: ImageDescription = {
  id: ID,
  name: 'rescue',
  diskFormat: 'raw',
  containerFormat: 'bare',
  minDiskGiB: 1,
  minRamMiB: 64,
  visibility: 'public',
  createdAt: '2026-01-02T03:04:05.000Z',
  properties: { hw_rescue_bus: 'virtio' },
};

let parent: string;
let directory: string;
let source: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'lifeboat-import-'));
  directory = join(parent, 'images');
  source = join(parent, 'source');
  await writeFile(source, rawImage(300_000));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

const filesOf = async (): Promise<readonly string[]> => (await readdir(directory)).toSorted();

describe('importing an image', () => {
  it('makes one that the directory shows and gives', async () => {
    const imported = await importImage(directory, description, source);
    if (!imported.imported) throw new Error(imported.reason);
    expect(imported.image).toMatchObject({
      id: ID,
      status: 'active',
      sizeBytes: 300_000,
      sha256: sha256Of(rawImage(300_000)),
    });
    const images = new LocalImageDirectory({ path: directory, report: () => undefined });
    expect(await images.show(ID)).toEqual({ answer: 'found', value: imported.image });
    const fetched = await images.fetch(ID);
    if (fetched.answer !== 'found') throw new Error('the image was just imported');
    expect((await buffer(fetched.value.bytes)).equals(rawImage(300_000))).toBe(true);
    expect(await filesOf()).toEqual([`${ID}.data`, `${ID}.json`]);
  });

  it('chooses an id when none is given', async () => {
    const imported = await importImage(directory, { ...description, id: null }, source);
    expect(imported).toMatchObject({ imported: true, image: { id: expect.stringMatching(/^[0-9a-f-]{36}$/) } });
  });

  it('never replaces an image, even when two come at once', async () => {
    const both = await Promise.all([
      importImage(directory, description, source),
      importImage(directory, description, source),
    ]);
    expect(both.filter(({ imported }) => imported)).toHaveLength(1);
    expect(await importImage(directory, description, source)).toMatchObject({
      reason: expect.stringContaining('already'),
    });
    expect(await filesOf()).toEqual([`${ID}.data`, `${ID}.json`]);
  });

  it('refuses content that is not what it is declared', async () => {
    await writeFile(source, vmdkDescriptor('/etc/shadow'));
    expect(await importImage(directory, description, source)).toMatchObject({
      imported: false,
      reason: expect.stringContaining('vmdk'),
    });
    expect(await filesOf()).toEqual([]);
  });

  it.each([
    ['an id that is a path', { id: imageId('../escaped') }, 'UUID'],
    ['metadata that could not be read back', { createdAt: 'yesterday' }, 'created_at'],
    [
      'metadata beyond its bound',
      { properties: Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((key) => [key, 'x'.repeat(16_000)])) },
      'larger than',
    ],
  ] as const)('refuses %s and leaves nothing behind', async (_what, change, reason) => {
    expect(await importImage(directory, { ...description, ...change }, source)).toMatchObject({
      imported: false,
      reason: expect.stringContaining(reason),
    });
    expect(await readdir(parent)).not.toContain('escaped.data');
    expect(await readdir(directory).catch(() => [])).toEqual([]);
  });

  it.each(['absent', '.', 'pipe'])('says so when the source is %j', async (name) => {
    execFileSync('mkfifo', [join(parent, 'pipe')]);
    expect(await importImage(directory, description, join(parent, name))).toMatchObject({
      imported: false,
      reason: expect.stringContaining('cannot import'),
    });
    expect(await filesOf()).toEqual([]);
  });
});
