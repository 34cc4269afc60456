import { createHash } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from '../../adapters/main/serve.ts';
import { GUEST_MEMORY_MIB } from '../lab/guest-images.ts';
import { labConfiguration, FLAVOR } from '../end-to-end/lab-configuration.ts';
import type { LibvirtLab } from '../end-to-end/libvirt-lab.fixture.ts';
import { logInto } from '../end-to-end/log-lines.ts';
import { ServerUnderTest, servicesUp } from '../end-to-end/server-under-test.fixture.ts';
import { requireCommand } from '../lab/run-command.ts';
import { ComputeClient } from '../support/compute-client.ts';
import { allocatedBytes, directoryDigests, diskDigests, diskLayers, type Digests } from './directory-digests.ts';
import { diskStorage, pooledDisks, type DiskStorage } from './disk-storage.ts';
import { layoutImages, type LayoutImages } from './layout-images.ts';
import type { LayoutRow } from './layout-matrix.ts';
import { Stopwatch, type Chapter } from './stopwatch.ts';

/** With 128 MiB OVMF dies of an exception before it has loaded the kernel. */
const UEFI_MEMORY_MIB = 256;
const SWAP_MIB = 64;
const MIB = 1024 * 1024;
const [A, B] = ['lab-a', 'lab-b'] as const;
const QEMU_IO_DEADLINE_MS = 30_000;
const SPARSE_BYTES_MAX = 16 * 1024 * 1024;

export type LayoutResult = {
  /** What differs from what was expected; empty: nothing. */
  readonly differences: readonly string[];
  readonly seconds: number;
  readonly chapters: readonly Chapter[];
};

type Story = {
  readonly lab: LibvirtLab;
  readonly row: LayoutRow;
  readonly images: LayoutImages;
  readonly server: ServerUnderTest;
  readonly disks: DiskStorage | null;
  readonly stopwatch: Stopwatch;
  readonly differences: string[];
};

/**
 * One server's way: made, rescued, there and back without an unrescue between, unrescued, rescued again, there, unrescued
 * there, deleted. Rows may be performed at the same time in one laboratory, each with an `index` of its own. Never
 * rejects: what goes wrong is a difference, and ends the row.
 */
export async function performLayout(
  laboratory: LibvirtLab,
  row: LayoutRow,
  index: number,
  entered: (chapter: string) => void = () => {},
): Promise<LayoutResult> {
  const stopwatch = new Stopwatch(entered);
  const differences: string[] = [];
  let disks: DiskStorage | null = null;
  try {
    disks = await diskStorage(laboratory, row, index);
    const instancesPaths = pathsOf(laboratory, row, index);
    const lab = laboratory.keepingServersIn(instancesPaths);
    const local = row.disks.endsWith('-all') ? { ephemeralGiB: 1, swapMiB: SWAP_MIB } : {};
    const storeName = `events-${index}.db`;
    const ramMiB = row.firmware === 'uefi' ? UEFI_MEMORY_MIB : GUEST_MEMORY_MIB;
    const places = { instancesPaths, disksPath: disks?.path ?? null, storeName };
    const served = await serve(labConfiguration(lab, { ...places, ramMiB, ...local, ...settingsOf(row) }), logInto([]));
    try {
      const client = new ComputeClient(served.url);
      const [server, images] = await stopwatch.during('create', () => created(client, lab, row));
      await tellAndDelete({ lab, row, images, server, disks, stopwatch, differences });
    } finally {
      await served.stop();
    }
  } catch (error) {
    differences.push(error instanceof Error ? error.message : String(error));
  } finally {
    disks?.remove();
  }
  return { differences, seconds: stopwatch.seconds, chapters: stopwatch.chapters };
}

/** How disks are made. */
function settingsOf({
  disks,
}: LayoutRow): Pick<Parameters<typeof labConfiguration>[1] & object, 'imageCache' | 'configDriveFormat'> {
  const imageCache = { forceRaw: disks.includes('-raw'), removeUnusedAfterSeconds: 0, lookEverySeconds: 0.5 };
  return {
    ...(disks.includes('-cached') ? { imageCache } : {}),
    ...(disks.includes('-vfat') ? { configDriveFormat: 'vfat' as const } : {}),
  };
}

function pathsOf(lab: LibvirtLab, { storage }: LayoutRow, index: number): ReadonlyMap<string, string> {
  if (storage !== 'other-paths' && storage !== 'shared') return new Map();
  const pathOf = (host: string): string =>
    join(lab.directory, `${storage}-${index}`, storage === 'shared' ? 'instances' : `of-${host}`, 'servers');
  const paths = new Map([A, B].map((host) => [host, pathOf(host)]));
  for (const path of paths.values()) mkdirSync(path, { recursive: true });
  return paths;
}

async function created(
  client: ComputeClient,
  lab: LibvirtLab,
  row: LayoutRow,
): Promise<readonly [ServerUnderTest, LayoutImages]> {
  const images = await layoutImages(lab, row);
  await servicesUp(client, 2);
  const wanted = { name: 'patient', imageRef: images.boot, flavorRef: FLAVOR, host: A };
  const id = await client.createServer({ ...wanted, configDrive: row.disks.endsWith('-all') });
  const server = new ServerUnderTest(client, id);
  await server.until('ACTIVE');
  return [server, images];
}

/** A guest that was left behind would go on computing beside the rows that follow. */
async function tellAndDelete(story: Story): Promise<void> {
  const { lab, server } = story;
  let told = false;
  try {
    await tell(story);
    told = true;
  } finally {
    const deleted = server.delete();
    await (told ? deleted : deleted.catch(() => {}));
  }
  for (const host of [A, B]) expectSame(story, `files left on ${host}`, await lab.files(host, server.id), null);
  expectSame(story, 'disks left', [...pooledDisks(story.disks, server.id).keys()], []);
}

async function tell(story: Story): Promise<void> {
  const { row, server } = story;
  if (row.disks.endsWith('-all')) await server.whileStopped(() => fillLocalDisks(story));
  await rescue(story);
  const before = await digests(story, A);
  const there = await migrate(story, A, B, before);
  const home = await migrate(story, B, A, before);
  expectSame(story, 'boot id of the rescued guest at home', home, there);
  await unrescue(story, A, before);
  await rescue(story);
  await migrate(story, A, B, await digests(story, A));
  await unrescue(story, B, before);
}

const pathOn = ({ lab, server }: Story, host: string, ...names: readonly string[]): string =>
  join(lab.instancesPath(host), server.id, ...names);

const isPooled = ({ disks }: Story): boolean => disks !== null;

/** Something to find again, with most of each disk left empty. */
async function fillLocalDisks(story: Story): Promise<void> {
  if (!isPooled(story)) {
    expectSame(story, 'size of disk.swap', statSync(pathOn(story, A, 'disk.swap')).size, SWAP_MIB * MIB);
  }
  const format = story.row.disks.startsWith('raw') || isPooled(story) ? 'raw' : 'qcow2';
  for (const [name, diskFormat, commands] of [
    ['disk.eph0', format, ['write -P 17 0 1M', 'write -P 34 700M 3M']],
    ['disk.swap', 'raw', ['write -P 51 32M 1M']],
  ] as const) {
    const argv = [
      'qemu-io',
      '-f',
      diskFormat,
      ...commands.flatMap((command) => ['-c', command]),
      pooledDisks(story.disks, story.server.id).get(name) ?? pathOn(story, A, name),
    ];
    await requireCommand(argv, { deadlineMs: QEMU_IO_DEADLINE_MS });
  }
}

/** The disk that the rescued guest mounts to write on changes by itself. */
function digests(story: Story, host: string): Promise<Digests> {
  const written = story.row.rescue.startsWith('legacy') ? 'disk.rescue' : 'disk';
  return story.stopwatch.during('digests', () => contentOn(story, host, [written]));
}

async function contentOn(story: Story, host: string, leftOut: readonly string[]): Promise<Digests> {
  const pooled = await diskDigests(pooledDisks(story.disks, story.server.id), leftOut);
  return { ...(await directoryDigests(pathOn(story, host), leftOut)), ...pooled };
}

async function rescue(story: Story): Promise<void> {
  const { lab, server, images, row, stopwatch } = story;
  await stopwatch.during('rescue', async () => {
    await server.rescueWith(images.rescue);
    const { boot } = await lab.hear(A, server.id);
    const marker = row.rescue === 'legacy-own-image' || row.rescue === 'disk-only' ? 'stock' : 'rescue-ramdisk';
    expectSame(story, 'what the rescue booted from', boot.marker, marker);
    if (!row.rescue.startsWith('legacy')) expectSame(story, 'first disk of the rescued guest', boot.role, 'orig');
  });
}

/** The boot id that the guest kept. */
async function migrate(story: Story, from: string, to: string, before: Digests): Promise<string> {
  const { lab, row, server, stopwatch } = story;
  const arrived = await stopwatch.during(`to ${to}`, async () => {
    const leaving = await lab.listen(from, server.id);
    const { migration } = await server.migrate(to);
    if (migration.status !== 'completed') {
      const action = JSON.stringify(await server.lastAction());
      throw new Error(`the migration from ${from} ended as ${migration.status}: ${action}`);
    }
    const voice = await lab.listen(to, server.id);
    expectSame(story, `boot id on ${to}`, voice.bootId, leaving.bootId);
    if (voice.ticks <= leaving.ticks) story.differences.push(`the guest did not go on counting on ${to}`);
    return voice.bootId;
  });
  const found = await digests(story, to);
  // The definition names each host's own paths, so it is the same at home only.
  const there: readonly string[] = to === A ? [] : ['unrescue.xml'];
  expectSame(story, `content on ${to}`, without(found, there), without(before, there));
  await expectLayers(story, to);
  if (row.storage !== 'shared') expectSame(story, `files on ${from}`, await lab.files(from, server.id), null);
  if (
    row.disks.endsWith('-all') &&
    !isPooled(story) &&
    allocatedBytes(pathOn(story, to, 'disk.eph0')) > SPARSE_BYTES_MAX
  ) {
    story.differences.push(`the ephemeral disk is no longer sparse on ${to}`);
  }
  return arrived;
}

/** The disks are still layered, each on its own image. */
async function expectLayers(story: Story, host: string): Promise<void> {
  const { row, images } = story;
  if (!row.disks.includes('-cached') || isPooled(story)) return;
  const expected = {
    disk: images.boot,
    ...(row.rescue === 'ide-cdrom' ? {} : { 'disk.rescue': images.rescue }),
  };
  for (const [name, image] of Object.entries(expected)) {
    const { layer } = await diskLayers(pathOn(story, host, name));
    const format = row.disks.includes('-raw') ? 'raw' : 'qcow2';
    const wanted = { name: createHash('sha1').update(image).digest('hex'), format };
    expectSame(story, `what ${name} is layered on`, layer && { name: layer.name, format: layer.format }, wanted);
  }
}

const without = (digestsByName: Digests, names: readonly string[]): Digests =>
  Object.fromEntries(Object.entries(digestsByName).filter(([name]) => !names.includes(name)));

async function unrescue(story: Story, host: string, before: Digests): Promise<void> {
  const { lab, server, stopwatch } = story;
  await stopwatch.during('unrescue', async () => {
    await server.unrescue();
    const { boot } = await lab.hear(host, server.id);
    const { role, marker, data } = boot;
    const original = { role: 'orig', marker: 'stock', data: lab.images.originalDataSha256 };
    expectSame(story, 'the original machine', { role, marker, data }, original);
  });
  const kept = Object.entries(before).filter(([name]) => !/rescue|^disk$|nvram/.test(name));
  const found = await stopwatch.during('digests', () => contentOn(story, host, ['disk']));
  // The firmware writes its variables at each boot.
  expectSame(story, 'files of the original machine', without(found, ['nvram.fd']), Object.fromEntries(kept));
}

function expectSame({ differences }: Story, what: string, found: unknown, expected: unknown): void {
  const [has, wants] = [JSON.stringify(found), JSON.stringify(expected)];
  if (has !== wants) differences.push(`${what}: found ${has}, expected ${wants}`);
}
