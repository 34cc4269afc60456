import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { METADATA_BYTES_MAX, metadataOf } from '../../../adapters/images/image-metadata.ts';
import { LocalImageDirectory } from '../../../adapters/images/local-image-directory.ts';
import { imageId } from '../../../domain/shared/ids.ts';
import { rawImage, sampleImage } from '../../support/sample-images.ts';

const GOOD = imageId('5b1b5a70-4d0c-4a5e-8b1f-000000000001');
const BAD = imageId('5b1b5a70-4d0c-4a5e-8b1f-000000000002');
const data = rawImage(1000);

let directory: string;
let reports: string[];
let images: LocalImageDirectory;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lifeboat-images-'));
  reports = [];
  images = new LocalImageDirectory({ path: directory, report: (problem) => reports.push(problem) });
  await put(GOOD, metadataOf(sampleImage(data, { id: GOOD })), data);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('metadata written by hand', () => {
  it('may leave out what the file itself tells', async () => {
    await put(BAD, { ...minimalMetadata(BAD) }, data);
    expect(await images.show(BAD)).toMatchObject({
      answer: 'found',
      value: { status: 'active', sizeBytes: 1000, sha256: null, minDiskGiB: 0, visibility: 'public', properties: {} },
    });
  });

  const broken: readonly (readonly [string, string, unknown])[] = [
    ['a missing key', 'disk_format', { ...minimalMetadata(BAD), disk_format: undefined }],
    ['an unknown key', 'disk_fromat', { ...minimalMetadata(BAD), disk_fromat: 'raw' }],
    ['a wrong value', 'container_format', { ...minimalMetadata(BAD), container_format: 'tar' }],
    ['a property that is no text', 'properties.hw_cdrom', { ...minimalMetadata(BAD), properties: { hw_cdrom: 1 } }],
    ['the id of another image', 'id', minimalMetadata(GOOD)],
    ['a list', 'the object', []],
  ];
  it.each(broken)('with %s fails with the file and the key', async (_what, key, metadata) => {
    await put(BAD, metadata, data);
    const shown = await images.show(BAD);
    expect(shown).toMatchObject({ answer: 'failed', reason: expect.stringContaining(`${BAD}.json`) });
    expect(shown).toMatchObject({ reason: expect.stringContaining(key) });
  });

  it('that is broken hides no other image, and is reported', async () => {
    await writeFile(join(directory, `${BAD}.json`), '{"id": ');
    const listed = await images.list();
    expect(listed).toMatchObject({ answer: 'found', value: [{ id: GOOD }] });
    expect(reports).toEqual([expect.stringContaining(`${BAD}.json: is not JSON`)]);
  });

  it('that is too large is not read', async () => {
    const metadata = { ...minimalMetadata(BAD), properties: { note: 'x'.repeat(METADATA_BYTES_MAX) } };
    await put(BAD, metadata, data);
    expect(await images.show(BAD)).toMatchObject({ answer: 'failed', reason: expect.stringContaining('larger than') });
  });
});

describe('what is not a plain file in the directory', () => {
  it.each(['json', 'data'])('a symbolic link as .%s is refused', async (suffix) => {
    await writeFile(join(directory, 'elsewhere.json'), JSON.stringify(minimalMetadata(BAD)));
    await put(BAD, minimalMetadata(BAD), data);
    await rm(join(directory, `${BAD}.${suffix}`));
    await symlink(join(directory, 'elsewhere.json'), join(directory, `${BAD}.${suffix}`));
    expect(await images.show(BAD)).toMatchObject({
      answer: 'failed',
      reason: expect.stringContaining('symbolic link'),
    });
    expect(await images.fetch(BAD)).toMatchObject({ answer: 'failed' });
  });

  it('a symbolic link put in place after the answer is refused', async () => {
    const fetched = await images.fetch(GOOD);
    await rm(join(directory, `${GOOD}.data`));
    await symlink('/etc/passwd', join(directory, `${GOOD}.data`));
    if (fetched.answer !== 'found') throw new Error('the image was there');
    await expect(buffer(fetched.value.bytes)).rejects.toThrow('symbolic link');
  });

  it('a named pipe neither blocks nor is read', async () => {
    execFileSync('mkfifo', [join(directory, `${BAD}.json`)]);
    expect(await images.show(BAD)).toMatchObject({
      answer: 'failed',
      reason: expect.stringContaining('not a regular file'),
    });
  });

  it('a directory is refused', async () => {
    await writeFile(join(directory, `${BAD}.json`), JSON.stringify(minimalMetadata(BAD)));
    await mkdir(join(directory, `${BAD}.data`));
    expect(await images.show(BAD)).toMatchObject({ answer: 'failed' });
  });

  it('other files are left alone', async () => {
    await writeFile(join(directory, 'README.json'), 'not an image');
    expect(await images.show(imageId('README'))).toEqual({ answer: 'imageNotFound' });
    expect(await images.list()).toMatchObject({ value: [{ id: GOOD }] });
    expect(reports).toEqual([]);
  });
});

it('says what to do when the directory is missing', async () => {
  const missing = new LocalImageDirectory({ path: join(directory, 'absent'), report: () => undefined });
  expect(await missing.list()).toMatchObject({ answer: 'failed', reason: expect.stringContaining('create it') });
});

it('refuses data of another size than recorded', async () => {
  await put(GOOD, metadataOf(sampleImage(data, { id: GOOD })), rawImage(1001));
  expect(await images.fetch(GOOD)).toMatchObject({ answer: 'failed', reason: expect.stringContaining('1001 bytes') });
});

async function put(id: string, metadata: unknown, content: Buffer): Promise<void> {
  await writeFile(join(directory, `${id}.json`), JSON.stringify(metadata));
  await writeFile(join(directory, `${id}.data`), content);
}

function minimalMetadata(id: string): Readonly<Record<string, unknown>> {
  const at = '2026-01-02T03:04:05Z';
  return { id, name: 'rescue', disk_format: 'raw', container_format: 'bare', created_at: at, updated_at: at };
}
