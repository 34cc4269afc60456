import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cachedName } from '../../adapters/libvirt/cached-image.ts';
import { createLayeredDisks } from '../../adapters/libvirt/layered-disks.ts';
import { LibvirtHost } from '../../adapters/libvirt/libvirt-host.ts';
import type { SourceFacts } from '../../application/ports/hypervisor-driver.ts';
import type { Image, ImageAnswer, ImageService } from '../../application/ports/image-service.ts';
import { imageId, instanceId, type ImageId } from '../../domain/shared/ids.ts';
import { succeeded } from '../../domain/shared/outcome.ts';
import { whyNoLab } from '../end-to-end/libvirt-lab.fixture.ts';
import { libvirtOptions } from '../lab/libvirt-options.ts';
import { requireCommand } from '../lab/run-command.ts';
import { startTwoHosts, type Lab } from '../lab/two-hosts.ts';
import { describeMigration, refusalOf, valueOf } from './hypervisor-driver.fixture.ts';

const SET_UP_DEADLINE_MS = 60_000;
const BYTES = 1024 * 1024;
const TOOL = { deadlineMs: 20_000 };

const reason = await whyNoLab('test/contracts/layered-disks.lab.spec.ts');

describe.skipIf(reason !== null)('disks that are layered on images, before a server arrives', () => {
  let lab: Lab;
  const opened: LibvirtHost[] = [];

  beforeAll(async () => {
    lab = await startTwoHosts({ directory: null, names: ['lab-a', 'lab-b'] });
  }, SET_UP_DEADLINE_MS);

  afterAll(async () => {
    await Promise.all(opened.map(({ connections }) => connections.close()));
    await lab.stop();
  }, SET_UP_DEADLINE_MS);

  /** A rescued server, whose two disks are layered on two images in the source's cache. */
  async function arriving() {
    const [source, destination] = lab.hosts.map((host) => {
      const instancesPath = join(lab.directory, crypto.randomUUID());
      mkdirSync(instancesPath);
      return new LibvirtHost({ ...libvirtOptions(host), instancesPath });
    });
    if (source === undefined || destination === undefined) throw new Error('two hosts were started');
    opened.push(source, destination);
    const [own, rescue] = [imageId(crypto.randomUUID()), imageId(crypto.randomUUID())];
    const contents = new Map([
      [own, Buffer.alloc(BYTES, 'server')],
      [rescue, Buffer.alloc(BYTES, 'rescue')],
    ]);
    for (const [id, data] of contents) await keep(source, id, data);
    const server = instanceId(crypto.randomUUID());
    valueOf(await destination.directory(server).ensure());
    const disk = (fileName: string, targetDevice: string, id: ImageId) => {
      const cachedImage = { name: cachedName(id), sizeBytes: BYTES };
      return { fileName, targetDevice, format: 'qcow2', capacityBytes: 2 * BYTES, cachedImage } as const;
    };
    const disks = [disk('disk.rescue', 'vda', rescue), disk('disk', 'vdb', own)];
    const facts: SourceFacts = {
      disks,
      files: [],
      pooledDisks: [],
      sharedDirectory: false,
      memoryMiB: 128,
      definition: '<domain/>',
    };
    const flavor = { id: '1', name: 'tiny', vcpus: 1, ramMiB: 128, diskGiB: 0 };
    const images = { imageId: own, kernelId: null, ramdiskId: null };
    const guest = { instanceId: server, name: 'server', flavor, images, networkInterfaces: [] };
    const description = { ...describeMigration(guest, true), rescueImageId: rescue };
    return { source, own, rescue, contents, request: { description, destination, facts } };
  }

  async function keep(host: LibvirtHost, id: ImageId, data: Buffer): Promise<void> {
    async function* once() {
      yield data;
    }
    const content = async () => succeeded({ sizeBytes: data.length, bytes: once() });
    expect(valueOf(await host.imageCache.use(cachedName(id), content, async () => succeeded(true)))).toBe(true);
  }

  /** An image service with these images and no others, which notes what it is asked for. */
  function serving(contents: ReadonlyMap<ImageId, Buffer>, asked: ImageId[] = []): ImageService {
    const image = (id: ImageId, data: Buffer): Image => ({
      id,
      name: id,
      status: 'active',
      diskFormat: 'raw',
      containerFormat: 'bare',
      sizeBytes: data.length,
      sha256: null,
      minDiskGiB: 0,
      minRamMiB: 0,
      visibility: 'public',
      createdAt: '',
      updatedAt: '',
      properties: {},
    });
    return {
      uploads: null,
      list: async () => ({ answer: 'found', value: [] }),
      show: async (id) => {
        const data = contents.get(id);
        return data === undefined ? { answer: 'imageNotFound' } : { answer: 'found', value: image(id, data) };
      },
      fetch: async (id) => {
        asked.push(id);
        const data = contents.get(id);
        if (data === undefined) return { answer: 'imageNotFound' };
        async function* once() {
          yield data ?? Buffer.alloc(0);
        }
        return { answer: 'found', value: { sizeBytes: data.length, sha256: null, bytes: once() } };
      },
    };
  }

  async function expectLayers({ own, rescue, contents, request }: Awaited<ReturnType<typeof arriving>>): Promise<void> {
    const { destination, description } = request;
    const { path } = destination.directory(description.guest.instanceId);
    for (const [name, id] of Object.entries({ disk: own, 'disk.rescue': rescue })) {
      const image = join(destination.imageCache.directory.path, cachedName(id));
      const info = await requireCommand(['qemu-img', 'info', '--output=json', join(path, name)], TOOL);
      expect(JSON.parse(info)).toMatchObject({ 'backing-filename': image, 'virtual-size': 2 * BYTES });
      expect(contents.get(id)?.equals(readFileSync(image))).toBe(true);
    }
  }

  it('lie each on its own image, which the image service has, whatever the source keeps', async () => {
    const story = await arriving();
    const asked: ImageId[] = [];
    rmSync(join(story.source.imageCache.directory.path, cachedName(story.rescue)));
    const tools = { images: serving(story.contents, asked), source: story.source };
    valueOf(await createLayeredDisks(tools, story.request));
    expect(asked).toEqual([story.rescue, story.own]);
    await expectLayers(story);
    valueOf(await createLayeredDisks(tools, story.request));
    expect(asked).toHaveLength(2);
  });

  it('lie on the source’s copy of an image that the image service has no more', async () => {
    const story = await arriving();
    valueOf(await createLayeredDisks({ images: serving(new Map()), source: story.source }, story.request));
    await expectLayers(story);
  });

  it('are not made where nobody has the image, or where the image service fails', async () => {
    const story = await arriving();
    const { source, request } = story;
    const failing: ImageAnswer<never> = { answer: 'failed', reason: 'it burns' };
    const images = { ...serving(story.contents), show: async () => failing };
    expect(refusalOf(await createLayeredDisks({ images, source }, request))).toContain('it burns');
    rmSync(join(source.imageCache.directory.path, cachedName(story.rescue)));
    const refused = await createLayeredDisks({ images: serving(new Map()), source }, request);
    expect(refusalOf(refused)).toContain('neither the image service nor lab-a');
  });
});
