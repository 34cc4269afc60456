import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cachedName, type CachedImage } from '../../adapters/libvirt/cached-image.ts';
import { clearImageCache, emptyMemory } from '../../adapters/libvirt/clear-image-cache.ts';
import type { ImageContent } from '../../adapters/libvirt/image-content.ts';
import { LibvirtHost } from '../../adapters/libvirt/libvirt-host.ts';
import { imageId, instanceId } from '../../domain/shared/ids.ts';
import { succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { libvirtOptions } from '../lab/libvirt-options.ts';
import { whyNoLab } from '../end-to-end/libvirt-lab.fixture.ts';
import { requireCommand } from '../lab/run-command.ts';
import { startTwoHosts, type Lab } from '../lab/two-hosts.ts';
import { refusalOf, valueOf } from './hypervisor-driver.fixture.ts';

const SET_UP_DEADLINE_MS = 60_000;
const MIB = 1024 * 1024;
const TOOL = { deadlineMs: 20_000 };

const reason = await whyNoLab('test/contracts/image-cache.lab.spec.ts');

describe.skipIf(reason !== null)('the image cache of a host', () => {
  let lab: Lab;
  const opened: LibvirtHost[] = [];

  beforeAll(async () => {
    lab = await startTwoHosts({ directory: null, names: ['lab-a', 'lab-b'] });
  }, SET_UP_DEADLINE_MS);

  afterAll(async () => {
    await Promise.all(opened.map(({ connections }) => connections.close()));
    await lab.stop();
  }, SET_UP_DEADLINE_MS);

  /** A host of its own directory, and another process's view of the same. */
  function hosts(forceRaw = false) {
    const [host] = lab.hosts;
    const instancesPath = join(lab.directory, crypto.randomUUID());
    mkdirSync(instancesPath);
    const imageCache = { forceRaw, removeUnusedAfterMs: 1000, lookEveryMs: 1000 };
    const made = [0, 1].map(() => new LibvirtHost({ ...libvirtOptions(host), instancesPath, imageCache }));
    opened.push(...made);
    const [first, second] = made;
    if (first === undefined || second === undefined) throw new Error('two were made');
    return { first, second, base: join(instancesPath, '_base'), instancesPath };
  }

  const bytes = Buffer.concat([Buffer.alloc(MIB, 'image'), Buffer.alloc(MIB)]);

  function content(data: Buffer, asked: { times: number } = { times: 0 }): () => Promise<Outcome<ImageContent>> {
    return async () => {
      asked.times += 1;
      async function* once() {
        yield data;
      }
      return succeeded({ sizeBytes: data.length, bytes: once() });
    };
  }

  const seen = async (image: CachedImage): Promise<Outcome<CachedImage>> => succeeded(image);

  async function layer(host: LibvirtHost, name: string): Promise<string> {
    const directory = host.directory(instanceId(crypto.randomUUID()));
    const pool = valueOf(await directory.ensure());
    const made = await host.imageCache.use(name, content(bytes), ({ path, format, capacityBytes }) =>
      directory.create(pool, { name: 'disk', format: 'qcow2', capacityBytes, layeredOn: { path, format } }),
    );
    expect(valueOf(made)).not.toBeNull();
    return directory.path;
  }

  it('has an image once for whoever asks, in this process and in another one, under Nova’s name', async () => {
    const { first, second, base } = hosts();
    const id = imageId(crypto.randomUUID());
    const name = cachedName(id);
    expect(name).toBe(createHash('sha1').update(id).digest('hex'));
    const asked = { times: 0 };
    const use = (host: LibvirtHost) => host.imageCache.use(name, content(bytes, asked), seen);
    const answers = await Promise.all([use(first), use(first), use(second)]);
    for (const answer of answers) {
      expect(valueOf(answer)).toEqual({ path: join(base, name), format: 'raw', capacityBytes: bytes.length });
    }
    expect(asked.times).toBe(1);
    expect(readFileSync(join(base, name)).equals(bytes)).toBe(true);
    expect(readdirSync(base).toSorted()).toEqual([name, `${name}.verified`]);
  });

  it('makes an image raw where that is configured, and reads as the image does', async () => {
    const { first, base } = hosts(true);
    const plain = join(lab.directory, 'plain');
    writeFileSync(plain, bytes);
    await requireCommand(['qemu-img', 'convert', '-f', 'raw', '-O', 'qcow2', plain, `${plain}.qcow2`], TOOL);
    const name = cachedName(imageId(crypto.randomUUID()));
    const image = valueOf(await first.imageCache.use(name, content(readFileSync(`${plain}.qcow2`)), seen));
    expect(image).toMatchObject({ format: 'raw', capacityBytes: bytes.length });
    expect(readFileSync(join(base, name)).equals(bytes)).toBe(true);
    expect(readdirSync(base).toSorted()).toEqual([name, `${name}.verified`]);
  });

  it('does not take for whole what was cut off, and asks again', async () => {
    const { first, base } = hosts();
    const name = cachedName(imageId(crypto.randomUUID()));
    const short = async () => {
      async function* once() {
        yield bytes.subarray(0, 100);
      }
      return succeeded({ sizeBytes: bytes.length, bytes: once() });
    };
    expect(refusalOf(await first.imageCache.use(name, short, seen))).toContain('announced');
    expect(existsSync(join(base, `${name}.verified`))).toBe(false);
    expect(valueOf(await first.imageCache.use(name, content(bytes), seen))).toMatchObject({ format: 'raw' });
    expect(readFileSync(join(base, name)).equals(bytes)).toBe(true);
  });

  it('never writes over an image that a disk is layered on', async () => {
    const { first, base } = hosts();
    const name = cachedName(imageId(crypto.randomUUID()));
    const directory = await layer(first, name);
    expect(await requireCommand(['qemu-img', 'info', join(directory, 'disk')], TOOL)).toContain(join(base, name));
    rmSync(join(base, `${name}.verified`));
    expect(refusalOf(await first.imageCache.use(name, content(Buffer.alloc(512)), seen))).toContain('left alone');
    expect(readFileSync(join(base, name)).equals(bytes)).toBe(true);
  });

  it('keeps what any directory has a disk on, and removes the rest when it has been unused for so long', async () => {
    const { first, second, base, instancesPath } = hosts();
    const [used, unused, foreign] = [0, 1, 2].map(() => cachedName(imageId(crypto.randomUUID())));
    if (used === undefined || unused === undefined || foreign === undefined) throw new Error('three were made');
    await layer(first, used);
    valueOf(await second.imageCache.use(unused, content(bytes), seen));
    valueOf(await second.imageCache.use(foreign, content(bytes), seen));
    const disk = join(instancesPath, 'not-a-server', 'disk');
    mkdirSync(join(instancesPath, 'not-a-server'));
    const layered = ['qemu-img', 'create', '-f', 'qcow2', '-F', 'raw', '-b', join(base, foreign), disk];
    await requireCommand(layered, TOOL);
    const memory = emptyMemory();
    expect(valueOf(await clearImageCache(first, memory, 0))).toEqual([]);
    expect(valueOf(await clearImageCache(first, memory, 999))).toEqual([]);
    expect(valueOf(await clearImageCache(first, memory, 1000))).toEqual([unused]);
    expect(readdirSync(base).toSorted()).toEqual([used, `${used}.verified`, foreign, `${foreign}.verified`].toSorted());
    rmSync(disk);
    expect(valueOf(await clearImageCache(first, memory, 1001))).toEqual([]);
    expect(valueOf(await clearImageCache(first, memory, 2001))).toEqual([foreign]);
    expect(valueOf(await first.imageCache.use(unused, content(bytes), seen))).toMatchObject({ format: 'raw' });
  });

  it('removes nothing that somebody keeps, nor the keeper’s file before two hours have passed', async () => {
    const { first, second, base } = hosts();
    const name = cachedName(imageId(crypto.randomUUID()));
    const memory = emptyMemory();
    const hour = 3_600_000;
    await first.imageCache.use(name, content(bytes), async () => {
      expect(valueOf(await clearImageCache(second, memory, 0))).toEqual([]);
      expect(valueOf(await clearImageCache(second, memory, hour))).toEqual([]);
      return succeeded(null);
    });
    writeFileSync(join(base, `${name}.lock`), '');
    expect(valueOf(await clearImageCache(second, memory, hour))).toEqual([]);
    expect(existsSync(join(base, `${name}.lock`))).toBe(true);
    expect(valueOf(await clearImageCache(second, memory, 3 * hour))).toEqual([name]);
    expect(readdirSync(base)).toEqual([]);
  });
});
