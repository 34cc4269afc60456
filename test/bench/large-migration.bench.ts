import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { serve } from '../../adapters/main/serve.ts';
import { FLAVOR, labConfiguration } from '../end-to-end/lab-configuration.ts';
import { LibvirtLab } from '../end-to-end/libvirt-lab.fixture.ts';
import { ServerUnderTest, servicesUp } from '../end-to-end/server-under-test.fixture.ts';
import { layoutImages, type LayoutImages } from '../layouts/layout-images.ts';
import type { LabHostFacts } from '../lab/lab-host.ts';
import { ComputeClient } from '../support/compute-client.ts';
import type { BenchRow } from './bench-row.ts';
import { completedDowntimeMs } from './completed-downtime.ts';
import { command, mean, median, milliseconds } from './rounds.ts';

/** Each round takes both guests there and back. */
const ROUNDS = 2;
const WALL_RATIO_MAX = 1.15;
const DOWNTIME_RATIO_MAX = 1.1;
const ROW = { rescue: 'legacy', storage: 'local', disks: 'qcow2', firmware: 'bios' } as const;
const RESCUE_DISK = '200M';

type Figures = { readonly wall: number[]; readonly down: number[] };

/**
 * Two rescued guests with a root disk and an ephemeral disk of 1 GiB, half of each full, and a rescue disk of 200 MiB.
 * One is moved through the API; of the other `virsh migrate --copy-storage-all` moves what runs, and `rsync` the rest.
 */
export async function benchLargeMigration(): Promise<readonly BenchRow[]> {
  const lab = await LibvirtLab.start();
  const served = await serve(labConfiguration(lab, { ephemeralGiB: 1, diskGiB: 1 }), SILENT);
  try {
    const client = new ComputeClient(served.url);
    await servicesUp(client, 2);
    const images = await largeImages(lab);
    const ours = await rescuedServer(client, lab, images);
    const peer = await rescuedServer(client, lab, images);
    const figures: Record<'ours' | 'peer', Figures> = { ours: { wall: [], down: [] }, peer: { wall: [], down: [] } };
    for (let turn = 0; turn < ROUNDS * 2; turn += 1) {
      const [from, to] = facts(lab, turn % 2 === 0);
      figures.peer.wall.push(await moveByHand(peer.id, from, to));
      figures.peer.down.push(await completedDowntimeMs(peer.id, to));
      figures.ours.wall.push(await milliseconds(() => ours.migrate(to.name)));
      figures.ours.down.push(await completedDowntimeMs(ours.id, to));
    }
    return rowsOf(figures);
  } finally {
    await served.stop();
    await lab.stop();
  }
}

const SILENT = { info: () => {}, warn: () => {}, error: () => {} };

function facts({ lab }: LibvirtLab, isThere: boolean): readonly [LabHostFacts, LabHostFacts] {
  const [first, second] = lab.hosts;
  return isThere ? [first.facts, second.facts] : [second.facts, first.facts];
}

async function largeImages(lab: LibvirtLab): Promise<LayoutImages> {
  const rescueDisk = join(lab.directory, 'guest', 'rescue.qcow2');
  await command('qemu-img', 'resize', '-q', rescueDisk, RESCUE_DISK);
  await command('qemu-io', '-c', 'write -P 5 40M 150M', rescueDisk);
  return layoutImages(lab, ROW);
}

async function rescuedServer(client: ComputeClient, lab: LibvirtLab, images: LayoutImages): Promise<ServerUnderTest> {
  const wanted = { name: 'bench', imageRef: images.boot, flavorRef: FLAVOR, host: 'lab-a' };
  const server = new ServerUnderTest(client, await client.createServer(wanted));
  await server.until('ACTIVE');
  await server.whileStopped(async () => {
    for (const name of ['disk', 'disk.eph0']) {
      await command('qemu-io', '-c', 'write -P 7 100M 512M', join(lab.instancesPath('lab-a'), server.id, name));
    }
  });
  await lab.hear('lab-a', server.id);
  await server.rescueWith(images.rescue);
  await lab.hear('lab-a', server.id);
  return server;
}

/** Empty disks have been made beforehand, as an operator would have to, and the small files put there; not counted. */
async function moveByHand(id: string, from: LabHostFacts, to: LabHostFacts): Promise<number> {
  const [source, target] = [join(from.instancesPathOutside, id), join(to.instancesPathOutside, id)];
  await mkdir(target);
  for (const [name, size] of [
    ['disk', '1G'],
    ['disk.rescue', RESCUE_DISK],
  ] as const) {
    await command('qemu-img', 'create', '-q', '-f', 'qcow2', join(target, name), size);
  }
  for (const name of await readdir(source)) {
    if (!name.startsWith('disk') && name !== 'console.log') await cp(join(source, name), join(target, name));
  }
  const argv = [
    ['-c', from.connectionUri, 'migrate', `instance-${id}`, to.connectionUri],
    ['--live', '--persistent', '--undefinesource', '--copy-storage-all'],
    ['--migrateuri', `tcp://${to.migrationAddress}`, '--listen-address', to.migrationAddress],
  ].flat();
  const wallMs = await milliseconds(async () => {
    await command('virsh', ...argv);
    await copyRest(join(source, 'disk.eph0'), target);
  });
  await rm(source, { recursive: true });
  return wallMs;
}

/** Where rsync is not installed a plain copy within the machine stands in for it, which is faster. */
async function copyRest(file: string, target: string): Promise<void> {
  try {
    await command('rsync', '--archive', file, target);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    await command('cp', '--archive', file, target);
  }
}

function rowsOf({ ours, peer }: Readonly<Record<'ours' | 'peer', Figures>>): readonly BenchRow[] {
  const row = (name: string, [mine, theirs]: readonly [number, number], max: number): BenchRow => {
    const ratio = mine / theirs;
    return { name, ours: mine, peer: theirs, unit: 'ms', ratio, bar: `ratio at most ${max}`, pass: ratio <= max };
  };
  const wall = [median(ours.wall), median(peer.wall)] as const;
  const down = [mean(ours.down), mean(peer.down)] as const;
  return [
    row('1 GiB root, 1 GiB ephemeral, 200 MiB rescue, against virsh migrate and rsync', wall, WALL_RATIO_MAX),
    row('mean downtime of the same guests, as libvirt counts it', down, DOWNTIME_RATIO_MAX),
  ];
}
