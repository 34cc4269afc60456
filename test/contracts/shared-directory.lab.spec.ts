import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalImageDirectory } from '../../adapters/images/local-image-directory.ts';
import { LibvirtDriver } from '../../adapters/libvirt/libvirt-driver.ts';
import { LibvirtHost } from '../../adapters/libvirt/libvirt-host.ts';
import { SystemClock } from '../../adapters/system/system-clock.ts';
import type { SourceFacts } from '../../application/ports/hypervisor-driver.ts';
import { imageId, instanceId } from '../../domain/shared/ids.ts';
import { libvirtOptions, whyNoLab } from '../end-to-end/libvirt-lab.fixture.ts';
import { startTwoHosts, type Lab } from '../lab/two-hosts.ts';
import { describeMigration, refusalOf, twice, valueOf } from './hypervisor-driver.fixture.ts';

const SET_UP_DEADLINE_MS = 60_000;
const FILES = ['disk', 'kernel', 'unrescue.xml'];

const reason = await whyNoLab('test/contracts/shared-directory.lab.spec.ts');

describe.skipIf(reason !== null)('a directory that both hosts have', () => {
  let lab: Lab;
  let drivers: LibvirtDriver[] = [];

  beforeAll(async () => {
    lab = await startTwoHosts({ directory: null, names: ['lab-a', 'lab-b'] });
  }, SET_UP_DEADLINE_MS);

  afterAll(async () => {
    await Promise.all(drivers.map((driver) => driver.close()));
    await lab.stop();
  }, SET_UP_DEADLINE_MS);

  /** Both drivers, and a server's directory with its files on the first host. */
  function pairWith(instancesPathOf: (index: number) => string) {
    const images = new LocalImageDirectory({ path: lab.directory, report: () => undefined });
    const [source, destination] = lab.hosts.map((host, index) => {
      const options = { ...libvirtOptions(host), instancesPath: instancesPathOf(index) };
      return new LibvirtDriver(new LibvirtHost(options), images, new SystemClock());
    });
    if (source === undefined || destination === undefined) throw new Error('two hosts were started');
    drivers = [...drivers, source, destination];
    const server = instanceId(crypto.randomUUID());
    const directory = join(instancesPathOf(0), server);
    mkdirSync(directory, { recursive: true });
    mkdirSync(instancesPathOf(1), { recursive: true });
    for (const name of FILES) writeFileSync(join(directory, name), name);
    const flavor = { id: '1', name: 'tiny', vcpus: 1, ramMiB: 128, diskGiB: 0 };
    const bootImages = { imageId: imageId(server), kernelId: null, ramdiskId: null };
    const guest = { instanceId: server, name: 'server', flavor, images: bootImages, networkInterfaces: [] };
    return { source, destination, migration: describeMigration(guest, true), directory };
  }

  const shared = () => pairWith(() => join(lab.directory, 'shared'));
  const FACTS: SourceFacts = { disks: [], files: [], sharedDirectory: true, memoryMiB: 128, definition: '<domain/>' };

  it('is told from one of the same name that is another', async () => {
    const { source, destination, migration, directory } = shared();
    expect(await twice(() => source.sharesDirectory(migration, destination))).toBe(true);
    expect(readdirSync(directory).toSorted()).toEqual(FILES);
    const apart = pairWith((index) => join(lab.directory, `apart-${index}`));
    expect(await twice(() => apart.source.sharesDirectory(apart.migration, apart.destination))).toBe(false);
    expect(readdirSync(apart.directory).toSorted()).toEqual(FILES);
  });

  it('keeps every file when the destination is prepared and cleared, and when the source is left', async () => {
    const { source, destination, migration, directory } = shared();
    await twice(() => destination.prepareDestination(migration, FACTS));
    expect(valueOf(await destination.ownsDirectory(migration))).toBe(false);
    await twice(() => destination.clearDestination(migration));
    expect(readdirSync(directory).toSorted()).toEqual(FILES);
    await twice(() => destination.prepareDestination(migration, FACTS));
    await twice(() => source.leaveSharedDirectory(migration));
    expect(readdirSync(directory).toSorted()).toEqual(FILES);
  });

  it('is in the way of a migration that takes it for an empty place, and is left alone by it', async () => {
    const { destination, migration, directory } = shared();
    const asIfApart = { ...FACTS, sharedDirectory: false };
    expect(refusalOf(await destination.prepareDestination(migration, asIfApart))).toContain('DestinationDiskExists');
    valueOf(await destination.clearDestination(migration));
    expect(readdirSync(directory).toSorted()).toEqual(FILES);
  });
});
