import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LibvirtHost } from '../../adapters/libvirt/libvirt-host.ts';
import { clearDestination, ownsDirectory, prepareDestination } from '../../adapters/libvirt/migration-destination.ts';
import { clearSource } from '../../adapters/libvirt/migration-source.ts';
import { sharesDisks } from '../../adapters/libvirt/shared-disks.ts';
import { imageId, instanceId, type InstanceId } from '../../domain/shared/ids.ts';
import { libvirtOptions } from '../lab/libvirt-options.ts';
import { whyNoLab } from '../end-to-end/libvirt-lab.fixture.ts';
import { requireCommand } from '../lab/run-command.ts';
import { createPool } from '../lab/storage-pool.ts';
import { startTwoHosts, type Lab } from '../lab/two-hosts.ts';
import { VolumeGroup, whyNoVolumeGroup } from '../lab/volume-group.ts';
import { describeMigration, refusalOf, twice, valueOf } from './hypervisor-driver.fixture.ts';
import { FACTS } from './shared-directory.contract.ts';

const DEADLINE_MS = 60_000;
const MIB = 1024 ** 2;
/** Not a multiple of what a volume group gives. */
const DISK_MIB = 5;
const OTHER = instanceId('00000000-0000-4000-8000-00000000cccc');

const SPEC = 'test/contracts/pooled-disks.lab.spec.ts';
const missing = whyNoVolumeGroup();
if (missing !== null) console.warn(`SKIPPED ${SPEC}. ${missing}`);
const reason = missing ?? (await whyNoLab(SPEC));

describe.skipIf(reason !== null)('disks in a storage pool', () => {
  let lab: Lab;
  let group: VolumeGroup;
  let opened: LibvirtHost[] = [];

  beforeAll(async () => {
    // The hosts have the same path there, and each its own content.
    lab = await startTwoHosts({ directory: null, names: ['lab-a', 'lab-b'], extraDirectories: ['apart'] });
    group = await VolumeGroup.on(lab, 'test');
    mkdirSync(join(lab.directory, 'mounted'));
    for (const host of lab.hosts) {
      for (const name of ['apart', 'mounted']) {
        await createPool(host, { type: 'dir', name, source: '', path: join(lab.directory, name) });
      }
    }
  }, DEADLINE_MS);

  afterAll(async () => {
    await Promise.all(opened.map(({ connections }) => connections.close()));
    group.remove();
    await lab.stop();
  }, DEADLINE_MS);

  const pathOf = (pool: 'group' | 'mounted' | 'apart'): string =>
    pool === 'group' ? group.path : join(lab.directory, pool);

  function pairWith(disksPath: string): readonly [LibvirtHost, LibvirtHost] {
    const [first, second] = lab.hosts.map((host) => new LibvirtHost({ ...libvirtOptions(host), disksPath }));
    if (first === undefined || second === undefined) throw new Error('two hosts were started');
    opened = [...opened, first, second];
    return [first, second];
  }

  /** A qcow2 disk in the server's directory, as a spawn leaves it there. */
  async function makeDisk(host: LibvirtHost, server: InstanceId): Promise<void> {
    const directory = join(lab.hosts[0].facts.instancesPathOutside, server);
    mkdirSync(directory, { recursive: true });
    const file = join(directory, 'disk');
    for (const argv of [
      ['qemu-img', 'create', '-q', '-f', 'qcow2', file, `${DISK_MIB}M`],
      ['qemu-io', '-f', 'qcow2', '-c', 'write -P 7 1M 1M', file],
    ]) {
      await requireCommand(argv, { deadlineMs: DEADLINE_MS });
    }
    valueOf(await host.directory(server).find());
  }

  async function take(host: LibvirtHost, server: InstanceId) {
    const pool = host.diskPool();
    if (pool === null) throw new Error('the host has a pool');
    await makeDisk(host, server);
    return valueOf(await pool.take(valueOf(await pool.open()), server, host.directory(server), 'disk'));
  }

  const migrationOf = (server: InstanceId) => {
    const flavor = { id: '1', name: 'tiny', vcpus: 1, ramMiB: 128, diskGiB: 0 };
    const images = { imageId: imageId(server), kernelId: null, ramdiskId: null };
    return describeMigration({ instanceId: server, name: 'server', flavor, images, networkInterfaces: [] }, true);
  };

  it.each([
    ['group', 'block', 8],
    ['mounted', 'file', DISK_MIB],
  ] as const)('are raw in the %s, whole, and instead of what stood there', async (name, kind, sizeMib) => {
    const [host] = pairWith(pathOf(name));
    const server = instanceId(crypto.randomUUID());
    const path = `${pathOf(name)}/${server}_disk`;
    for (let spawns = 1; spawns <= 2; spawns += 1) {
      expect(await take(host, server)).toEqual({ madeAt: `${host.directory(server).path}/disk`, path, kind });
    }
    expect(readdirSync(join(lab.hosts[0].facts.instancesPathOutside, server))).toEqual([]);
    const expected = Buffer.alloc(sizeMib * MIB);
    expected.fill(7, MIB, 2 * MIB);
    expect(readFileSync(path).equals(expected)).toBe(true);
  });

  it('are removed for one server alone, and by name where that is meant', async () => {
    const [host] = pairWith(pathOf('group'));
    const pool = host.diskPool();
    const server = instanceId(crypto.randomUUID());
    await take(host, server);
    await take(host, OTHER);
    await twice(
      async () => (await pool?.remove(server, (name) => name === 'disk.rescue')) ?? { outcome: 'failed', reason: '' },
    );
    expect(readdirSync(group.path)).toContain(`${server}_disk`);
    await twice(async () => (await pool?.remove(server)) ?? { outcome: 'failed', reason: '' });
    expect(readdirSync(group.path)).not.toContain(`${server}_disk`);
    expect(readdirSync(group.path)).toContain(`${OTHER}_disk`);
  });

  it('are the same on both hosts where the pool is, and a copy under the same name is another', async () => {
    for (const name of ['group', 'mounted', 'apart'] as const) {
      const [source, destination] = pairWith(pathOf(name));
      const server = instanceId(crypto.randomUUID());
      await take(source, server);
      if (name === 'apart') {
        const [elsewhere] = lab.hosts[1].facts.directories;
        writeFileSync(join(elsewhere?.outside ?? '', `${server}_disk`), 'a copy');
      }
      const before = readdirSync(pathOf(name));
      expect(await twice(() => sharesDisks(source, destination, migrationOf(server)))).toBe(name !== 'apart');
      expect(readdirSync(pathOf(name))).toEqual(before);
    }
  });

  it('stay where they are when a migration is rolled back, and when the source is cleared behind one', async () => {
    const [source, destination] = pairWith(pathOf('group'));
    const server = instanceId(crypto.randomUUID());
    const migration = migrationOf(server);
    const { path } = await take(source, server);
    const before = readFileSync(path);
    const facts = { ...FACTS, pooledDisks: [path], sharedDirectory: false };
    await twice(() => prepareDestination(destination, migration, facts));
    expect(valueOf(await ownsDirectory(destination, migration))).toBe(true);
    await twice(() => clearDestination(destination, migration));
    expect(valueOf(await destination.directory(server).find())).toBeNull();
    await twice(() => clearSource(source, server));
    expect(valueOf(await source.directory(server).find())).toBeNull();
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('are not looked for where the operator has no pool', async () => {
    const [source] = pairWith(pathOf('group'));
    const [, destination] = pairWith('/dev/nothing');
    const answer = await sharesDisks(source, destination, migrationOf(OTHER));
    expect(refusalOf(answer)).toBe('lab-b has no active storage pool at /dev/nothing');
  });
});
