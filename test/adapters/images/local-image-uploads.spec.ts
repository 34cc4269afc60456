import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LocalImageDirectory } from '../../../adapters/images/local-image-directory.ts';
import { imageId, instant } from '../../../domain/shared/ids.ts';

const ID = imageId('5b1b5a70-4d0c-4a5e-8b1f-000000000001');
const AT = instant('2026-11-23T16:30:00.000Z');
const QCOW2 = Buffer.concat([Buffer.from('QFI\u00fb', 'latin1'), Buffer.alloc(100_000)]);

let path = '';
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'lifeboat-uploads-'));
});
afterEach(() => rm(path, { recursive: true }));

async function* once(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

it.each([
  ['a guest has written the header of another format', QCOW2, QCOW2.byteLength, 'qcow2'],
  ['the data ends early', Buffer.alloc(10), 20, '10'],
])('an image stays without data, and no file behind, when %s', async (_when, content, sizeBytes, reason) => {
  const directory = new LocalImageDirectory({ path, report: () => undefined });
  const { uploads } = directory;
  const image = { id: ID, name: 'copy', owner: 'p', minDiskGiB: 0, minRamMiB: 0, properties: {}, at: AT };
  await uploads.reserve(image);
  const ended = await uploads.upload(ID, { diskFormat: 'raw', sizeBytes, bytes: once(content), at: AT });
  expect(ended).toMatchObject({ outcome: 'failed', reason: expect.stringContaining(reason) });
  expect(await readdir(path)).toEqual([`${ID}.json`]);
  expect(JSON.parse(await readFile(join(path, `${ID}.json`), 'utf8'))).toMatchObject({ status: 'saving', owner: 'p' });
  expect(await directory.show(ID)).toMatchObject({ value: { status: 'saving' } });
});

it('does not fill an image that was taken away meanwhile', async () => {
  const { uploads } = new LocalImageDirectory({ path, report: () => undefined });
  const ended = await uploads.upload(ID, { diskFormat: 'raw', sizeBytes: 1, bytes: once(Buffer.alloc(1)), at: AT });
  expect(ended.outcome).toBe('failed');
  expect(await readdir(path)).toEqual([]);
});
