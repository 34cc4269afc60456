import { writeFileSync } from 'node:fs';
import { copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readConfiguration } from '../../adapters/main/configuration.ts';
import { serve } from '../../adapters/main/serve.ts';
import { importImage } from '../../adapters/images/image-import.ts';
import type { Image } from '../../application/ports/image-service.ts';
import { buildGuestImages, GUEST_COMMAND_LINE } from '../lab/guest-images.ts';
import { waitForConsole } from '../lab/guest-console.ts';
import type { LabHostFacts } from '../lab/lab-host.ts';
import type { Lab } from '../lab/two-hosts.ts';
import { ComputeClient, RESCUED_MIGRATION } from '../support/compute-client.ts';
import type { BenchRow } from './bench-row.ts';
import { completedDowntimeMs } from './completed-downtime.ts';
import { command, mean, median, milliseconds } from './rounds.ts';

/** Each round takes both guests there and back. */
const ROUNDS = 6;
const WALL_RATIO_MAX = 1.25;
const DOWNTIME_RATIO_MAX = 1.1;
const BOOT_DEADLINE_MS = 120_000;
const STATE_DEADLINE_MS = 120_000;
const POLL_MS = 10;

/**
 * Two rescued guests of the same images on the same pair of hosts. One is moved through the API, the other by plain
 * `virsh migrate` with its files put in place beforehand; by turns, there and back, so that both meet the same machine.
 */
export async function benchMigration(lab: Lab): Promise<readonly BenchRow[]> {
  const restore = await withoutHugePages();
  const silent = { info: () => {}, warn: () => {}, error: () => {} };
  const served = await serve(await configurationFor(lab), silent);
  try {
    const api = new ComputeClient(served.url);
    await bothHostsUp(api);
    const images = await importImages(lab);
    const ours = await rescuedServer(api, lab, images);
    const peer = await rescuedServer(api, lab, images);
    const figures = {
      ours: { wall: [] as number[], down: [] as number[] },
      peer: { wall: [] as number[], down: [] as number[] },
    };
    for (let turn = 0; turn < ROUNDS * 2; turn += 1) {
      const [from, to] =
        turn % 2 === 0 ? [lab.hosts[0].facts, lab.hosts[1].facts] : [lab.hosts[1].facts, lab.hosts[0].facts];
      const moved = await virshMigrate(peer, from, to);
      figures.peer.wall.push(moved.wallMs);
      figures.peer.down.push(moved.downtimeMs);
      figures.ours.wall.push(await milliseconds(() => migrate(api, ours, to.name)));
      figures.ours.down.push(await completedDowntimeMs(ours, to));
    }
    return rowsOf(figures);
  } finally {
    await served.stop();
    await restore();
  }
}

const HUGE_PAGES = '/sys/kernel/mm/transparent_hugepage/enabled';

/**
 * Whether an incoming guest gets huge pages at once, or after the kernel has compacted its memory, decides over 350 ms of
 * each copy and changes from one to the next. Without them both sides meet the same machine. The value that stood there
 * is put back; where it cannot be written the figures vary more.
 */
async function withoutHugePages(): Promise<() => Promise<void>> {
  try {
    const before = /\[(\w+)\]/.exec(await readFile(HUGE_PAGES, 'utf8'))?.[1];
    if (before === undefined) return async () => {};
    await writeFile(HUGE_PAGES, 'never');
    process.once('exit', () => writeFileSync(HUGE_PAGES, before));
    return () => writeFile(HUGE_PAGES, before);
  } catch {
    return async () => {};
  }
}

type Figures = { readonly wall: readonly number[]; readonly down: readonly number[] };

function rowsOf({ ours, peer }: { readonly ours: Figures; readonly peer: Figures }): readonly BenchRow[] {
  type Middle = (values: readonly number[]) => number;
  const row = (name: string, which: keyof Figures, middle: Middle, max: number): BenchRow => {
    const [mine, theirs] = [middle(ours[which]), middle(peer[which])];
    const ratio = mine / theirs;
    return { name, ours: mine, peer: theirs, unit: 'ms', ratio, bar: `ratio at most ${max}`, pass: ratio <= max };
  };
  return [
    row('migration of a rescued guest, 202 to completed, against virsh migrate', 'wall', median, WALL_RATIO_MAX),
    // The mean: QEMU either guesses the last copy right (50 ms) or not (400 ms), and a median picks one of the two.
    row('mean downtime of the same guests, as libvirt counts it', 'down', mean, DOWNTIME_RATIO_MAX),
  ];
}

async function configurationFor(lab: Lab) {
  const answer = readConfiguration(
    null,
    {},
    {
      listen: { port: 0 },
      store: `sqlite:${join(lab.directory, 'bench.db')}`,
      images: { kind: 'directory', path: join(lab.directory, 'bench-images') },
      hypervisor: 'libvirt',
      heartbeatSeconds: 5,
      hosts: lab.hosts.map(({ facts }) => ({
        name: facts.name,
        libvirt: `unix:${facts.socketPath}`,
        instancesPath: facts.instancesPath,
        migrationAddress: facts.migrationAddress,
        gracefulShutdownSeconds: 0,
      })),
    },
  );
  if (!answer.valid) throw new Error(answer.problems.join('\n'));
  return answer.configuration;
}

type Images = { readonly original: string; readonly rescue: string };

async function importImages(lab: Lab): Promise<Images> {
  const built = await buildGuestImages({ outputDirectory: join(lab.directory, 'bench-guest') });
  const put = async (
    name: string,
    file: string,
    diskFormat: Image['diskFormat'],
    properties: Readonly<Record<string, string>> = {},
  ): Promise<string> => {
    const containerFormat = diskFormat === 'aki' || diskFormat === 'ari' ? diskFormat : 'bare';
    const description = { id: null, name, diskFormat, containerFormat, minDiskGiB: 0, minRamMiB: 0 } as const;
    const createdAt = new Date().toISOString();
    const directory = join(lab.directory, 'bench-images');
    const imported = await importImage(
      directory,
      { ...description, visibility: 'public', createdAt, properties },
      file,
    );
    if (!imported.imported) throw new Error(imported.reason);
    return imported.image.id;
  };
  const pair = async (kernel: string, ramdisk: string): Promise<Readonly<Record<string, string>>> => ({
    kernel_id: await put('kernel', kernel, 'aki'),
    ramdisk_id: await put('ramdisk', ramdisk, 'ari'),
    os_command_line: GUEST_COMMAND_LINE,
  });
  return {
    original: await put('original', built.originalDisk.qcow2, 'qcow2', await pair(built.kernel, built.initialRamdisk)),
    rescue: await put('rescue', built.rescueDisk.qcow2, 'qcow2', await pair(built.rescueKernel, built.rescueRamdisk)),
  };
}

async function until<Value>(ask: () => Promise<Value | null>, what: string): Promise<Value> {
  const end = performance.now() + STATE_DEADLINE_MS;
  while (performance.now() < end) {
    const answer = await ask();
    if (answer !== null) return answer;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`${what} did not come within ${STATE_DEADLINE_MS} ms`);
}

async function bothHostsUp(api: ComputeClient): Promise<void> {
  await until(async () => {
    return (await api.services()).filter(({ state }) => state === 'up').length === 2 ? true : null;
  }, 'two compute services');
}

async function serverIn(api: ComputeClient, id: string, wanted: string): Promise<void> {
  await until(async () => {
    const { status } = await api.server(id);
    if (status === 'ERROR') throw new Error(`server ${id} is in ERROR instead of ${wanted}`);
    return status === wanted ? true : null;
  }, `status ${wanted}`);
}

async function rescuedServer(api: ComputeClient, lab: Lab, { original, rescue }: Images): Promise<string> {
  const id = await api.createServer({ name: 'bench', imageRef: original, flavorRef: '0', host: 'lab-a' });
  await serverIn(api, id, 'ACTIVE');
  await api.action(id, { rescue: { rescue_image_ref: rescue } }, RESCUED_MIGRATION);
  await serverIn(api, id, 'RESCUE');
  const console = join(lab.hosts[0].facts.instancesPathOutside, id, 'console.log');
  const waited = await waitForConsole(
    console,
    ({ boots }) => boots.some(({ role, ticks }) => role === 'rescue' && ticks.length > 3),
    { deadlineMs: BOOT_DEADLINE_MS },
  );
  if (!waited.seen) throw new Error('the rescued guest did not boot');
  return id;
}

async function migrate(api: ComputeClient, id: string, host: string): Promise<void> {
  const body = { 'os-migrateLive': { host, block_migration: 'auto' } };
  const { message } = await api.action(id, body, RESCUED_MIGRATION);
  if (message !== null) throw new Error(message);
  await until(async () => {
    const status = (await api.migrations(id))[0]?.status;
    if (status === 'error' || status === 'failed') {
      throw new Error(`the migration ended as ${status}: ${JSON.stringify((await api.instanceActions(id)).at(-1))}`);
    }
    return status === 'completed' ? true : null;
  }, 'the end of the migration');
}

async function virshMigrate(
  id: string,
  from: LabHostFacts,
  to: LabHostFacts,
): Promise<{ readonly wallMs: number; readonly downtimeMs: number }> {
  await placeFiles(id, from, to);
  const argv = [
    ['-c', from.connectionUri, 'migrate', `instance-${id}`, to.connectionUri],
    ['--live', '--persistent', '--undefinesource', '--copy-storage-all'],
    ['--migrateuri', `tcp://${to.migrationAddress}`, '--listen-address', to.migrationAddress],
  ].flat();
  const wallMs = await milliseconds(() => command('virsh', ...argv));
  await rm(join(from.instancesPathOutside, id), { recursive: true });
  return { wallMs, downtimeMs: await completedDowntimeMs(id, to) };
}

/** What an operator would have to do first; not counted. */
async function placeFiles(id: string, from: LabHostFacts, to: LabHostFacts): Promise<void> {
  const [source, target] = [join(from.instancesPathOutside, id), join(to.instancesPathOutside, id)];
  await mkdir(target);
  for (const name of await readdir(source)) {
    if (name.startsWith('disk')) await command('qemu-img', 'create', '-f', 'qcow2', join(target, name), '32M');
    else if (name !== 'console.log') await copyFile(join(source, name), join(target, name));
  }
  await cp(join(source, 'unrescue.xml'), join(target, 'unrescue.xml'));
}
