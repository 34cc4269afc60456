import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { LocalImageDirectory } from '../../adapters/images/local-image-directory.ts';
import { LibvirtDriver } from '../../adapters/libvirt/libvirt-driver.ts';
import { LibvirtHost } from '../../adapters/libvirt/libvirt-host.ts';
import { SystemClock } from '../../adapters/system/system-clock.ts';
import { imageId, instanceId } from '../../domain/shared/ids.ts';
import { whyNoLab } from '../end-to-end/libvirt-lab.fixture.ts';
import { libvirtOptions } from '../lab/libvirt-options.ts';
import { startTwoHosts, type Lab } from '../lab/two-hosts.ts';
import { describeMigration } from './hypervisor-driver.fixture.ts';
import { sharedDirectoryContract, type DirectoryPair } from './shared-directory.contract.ts';

const SET_UP_DEADLINE_MS = 60_000;
const FILES = ['disk', 'kernel', 'unrescue.xml'];

const reason = await whyNoLab('test/contracts/shared-directory.lab.spec.ts');

describe.skipIf(reason !== null)('a directory that both libvirt hosts have', () => {
  let lab: Lab;
  let drivers: LibvirtDriver[] = [];

  beforeAll(async () => {
    lab = await startTwoHosts({ directory: null, names: ['lab-a', 'lab-b'] });
  }, SET_UP_DEADLINE_MS);

  afterAll(async () => {
    await Promise.all(drivers.map((driver) => driver.close()));
    await lab.stop();
  }, SET_UP_DEADLINE_MS);

  sharedDirectoryContract(async (storage): Promise<DirectoryPair> => {
    const pathOf = (index: number): string => join(lab.directory, storage === 'shared' ? 'shared' : `apart-${index}`);
    const images = new LocalImageDirectory({ path: lab.directory, report: () => undefined });
    const [source, destination] = lab.hosts.map((host, index) => {
      const options = { ...libvirtOptions(host), instancesPath: pathOf(index) };
      return new LibvirtDriver(new LibvirtHost(options), images, new SystemClock());
    });
    if (source === undefined || destination === undefined) throw new Error('two hosts were started');
    drivers = [...drivers, source, destination];
    const server = instanceId(crypto.randomUUID());
    const directory = join(pathOf(0), server);
    for (const path of [directory, pathOf(1)]) mkdirSync(path, { recursive: true });
    for (const name of FILES) writeFileSync(join(directory, name), name);
    const flavor = { id: '1', name: 'tiny', vcpus: 1, ramMiB: 128, diskGiB: 0 };
    const bootImages = { imageId: imageId(server), kernelId: null, ramdiskId: null };
    const guest = { instanceId: server, name: 'server', flavor, images: bootImages, networkInterfaces: [] };
    const files = async (): Promise<readonly string[]> => readdirSync(directory).toSorted();
    return { source, destination, migration: describeMigration(guest, true), files };
  });
});
