import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  INSPECTED_HEADER_BYTES,
  inspectImage,
  type ImageInspection,
} from '../../../adapters/images/image-format-inspection.ts';
import type { DiskFormat } from '../../../application/ports/image-service.ts';
import { qcow2Image, vmdkDescriptor } from '../../support/sample-images.ts';

const QEMU_IMG_TIMEOUT_MILLISECONDS = 20_000;
const SIZE = '8M';
const SIZE_BYTES = 8 * 1024 * 1024;

const qemuImg = qemuImgProblem();
if (qemuImg !== null)
  console.log(`skipped: image inspection against real files, since qemu-img cannot be run (${qemuImg})`);

const LUKS_ATTEMPTS_MAX = 20;

describe.skipIf(qemuImg !== null)('files that qemu-img made', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lifeboat-qemu-img-'));
    await run('create', '-f', 'raw', file('base.raw'), SIZE);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const file = (name: string): string => join(directory, name);

  const created = async (format: string, ...options: readonly string[]): Promise<string> => {
    for (let attempt = 1; ; attempt += 1) {
      const path = file(`${crypto.randomUUID()}.${format}`);
      try {
        await run('create', '-f', format, ...options, path, SIZE);
        return path;
      } catch (error) {
        // qemu-img times its key derivation, and gives up where the machine's clock of CPU time is too coarse.
        if (attempt === LUKS_ATTEMPTS_MAX || !String(error).includes('accurate CPU usage')) throw error;
      }
    }
  };

  it.each([
    [[]],
    [['-o', 'compat=0.10']],
    [['-o', 'cluster_size=512']],
    [['-o', 'cluster_size=2M']],
    [['-o', 'extended_l2=on,cluster_size=128k']],
    [['-o', 'compression_type=zstd']],
    [['-o', 'lazy_refcounts=on']],
    [['-o', 'refcount_bits=1']],
    [['-o', 'preallocation=metadata']],
  ])('allows qcow2 with options %j', async (options) => {
    const path = await created('qcow2', ...options);
    expect(await inspectFile('qcow2', path)).toEqual({ safe: true, virtualSizeBytes: SIZE_BYTES });
    expect(await inspectFile('raw', path)).toMatchObject({ safe: false });
  });

  it.each(['compat=1.1', 'compat=0.10'])('refuses qcow2 with a backing file (%s)', async (compat) => {
    const path = await created('qcow2', '-o', compat, '-b', file('base.raw'), '-F', 'raw');
    expect(await inspectFile('qcow2', path)).toEqual({ safe: false, reason: 'is qcow2 with a backing file' });
  });

  it.each(['on', 'off'])('refuses qcow2 with an external data file (data_file_raw=%s)', async (raw) => {
    const path = await created('qcow2', '-o', `data_file=${file(`external-${raw}.raw`)},data_file_raw=${raw}`);
    expect(await inspectFile('qcow2', path)).toEqual({ safe: false, reason: 'is qcow2 with an external data file' });
  });

  it('refuses qcow2 that is encrypted', async () => {
    const secret = ['--object', 'secret,id=key,data=secret'];
    const options = 'encrypt.format=luks,encrypt.key-secret=key,encrypt.iter-time=10';
    const path = await created('qcow2', ...secret, '-o', options);
    expect(await inspectFile('qcow2', path)).toEqual({ safe: false, reason: 'is encrypted qcow2' });
  });

  const foreign: readonly (readonly [string, readonly string[]])[] = [
    ['vmdk', []],
    ['vmdk', ['-o', 'subformat=monolithicFlat']],
    ['vmdk', ['-o', 'subformat=twoGbMaxExtentSparse']],
    ['vmdk', ['-o', 'subformat=streamOptimized']],
    ['vhdx', []],
    ['vpc', []],
    ['vdi', []],
    ['qed', []],
    ['qcow', []],
    ['parallels', []],
    ['luks', ['--object', 'secret,id=key,data=secret', '-o', 'key-secret=key,iter-time=10']],
  ];
  it.each(foreign)('refuses %s with options %j, whatever it is declared', async (format, options) => {
    const path = await created(format, ...options);
    for (const declared of ['raw', 'qcow2', 'iso', 'aki', 'ari', 'ami'] as const)
      expect(await inspectFile(declared, path)).toMatchObject({ safe: false });
  });

  it('refuses whatever qemu-img itself would probe as a VMDK descriptor', async () => {
    const descriptor = vmdkDescriptor('base.raw').toString('latin1').replace('# Disk DescriptorFile', '# notes\n \n#');
    await writeFile(file('disguised'), descriptor);
    expect(await probedFormat(file('disguised'))).toBe('vmdk');
    expect(await inspectFile('raw', file('disguised'))).toMatchObject({ safe: false });
  });

  it.each([2, 3] as const)(
    'our sample qcow2 of version %d is one that qemu-img finds no fault with',
    async (version) => {
      await writeFile(file('sample.qcow2'), qcow2Image(version));
      expect(await probedFormat(file('sample.qcow2'))).toBe('qcow2');
      await run('check', '-f', 'qcow2', file('sample.qcow2'));
    },
  );
});

async function run(...options: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('qemu-img', options, { timeout: QEMU_IMG_TIMEOUT_MILLISECONDS });
  return stdout;
}

async function probedFormat(path: string): Promise<unknown> {
  const information: { format?: unknown } = JSON.parse(await run('info', '--output=json', path));
  return information.format;
}

async function inspectFile(format: DiskFormat, path: string): Promise<ImageInspection> {
  const handle = await open(path);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(INSPECTED_HEADER_BYTES), 0, INSPECTED_HEADER_BYTES, 0);
    return inspectImage(format, buffer.subarray(0, bytesRead), (await handle.stat()).size);
  } finally {
    await handle.close();
  }
}

function qemuImgProblem(): string | null {
  try {
    execFileSync('qemu-img', ['--version'], { timeout: QEMU_IMG_TIMEOUT_MILLISECONDS });
    return null;
  } catch (error) {
    return String(error);
  }
}
