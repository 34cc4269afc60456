import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalImageDirectory } from '../../adapters/images/local-image-directory.ts';
import { capturedDefinition } from '../../adapters/libvirt/captured-definition.ts';
import { DEFAULT_HOST_DEVICES } from '../../adapters/libvirt/host-devices.ts';
import { LibvirtDriver } from '../../adapters/libvirt/libvirt-driver.ts';
import { LibvirtHost } from '../../adapters/libvirt/libvirt-host.ts';
import { switchDefinition } from '../../adapters/libvirt/staged-definition.ts';
import { SystemClock } from '../../adapters/system/system-clock.ts';
import { imageId, instanceId } from '../../domain/shared/ids.ts';
import { whyNoLab } from '../end-to-end/libvirt-lab.fixture.ts';
import { libvirtOptions } from '../lab/libvirt-options.ts';
import { startTwoHosts, type Lab } from '../lab/two-hosts.ts';
import { describeMigration, twice, valueOf } from './hypervisor-driver.fixture.ts';
import { FACTS, sharedDirectoryContract, type DirectoryPair } from './shared-directory.contract.ts';

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

  function pairWith(pathOf: (index: number) => string): LibvirtPair {
    const images = new LocalImageDirectory({ path: lab.directory, report: () => undefined });
    const hosts = lab.hosts.map((host, index) => {
      const devices = { ...DEFAULT_HOST_DEVICES, listenAddress: `192.0.2.${index + 1}` };
      return new LibvirtHost({ ...libvirtOptions(host), instancesPath: pathOf(index), devices });
    });
    const [source, destination] = hosts.map((host) => new LibvirtDriver(host, images, new SystemClock()));
    const [, arrivesOn] = hosts;
    if (source === undefined || destination === undefined || arrivesOn === undefined) throw new Error('no two hosts');
    drivers = [...drivers, source, destination];
    const server = instanceId(crypto.randomUUID());
    const directory = join(pathOf(0), server);
    for (const path of [directory, pathOf(1)]) mkdirSync(path, { recursive: true });
    for (const name of FILES) writeFileSync(join(directory, name), name);
    const flavor = { id: '1', name: 'tiny', vcpus: 1, ramMiB: 128, diskGiB: 0 };
    const bootImages = { imageId: imageId(server), kernelId: null, ramdiskId: null };
    const guest = { instanceId: server, name: 'server', flavor, images: bootImages, networkInterfaces: [] };
    const files = async (): Promise<readonly string[]> => readdirSync(directory).toSorted();
    return { source, destination, migration: describeMigration(guest, true), files, directory, arrivesOn };
  }

  sharedDirectoryContract(async (storage) =>
    pairWith((index) => join(lab.directory, storage === 'shared' ? 'shared' : `apart-${index}`)),
  );

  it('keeps unrescue.xml as it is until the guest has arrived, and has the other host’s from then on', async () => {
    const { destination, migration, files, directory, arrivesOn } = pairWith(() => join(lab.directory, 'shared'));
    const rescued = { ...migration, original: capturedDefinition(definitionListeningAt('192.0.2.1')) };
    const unrescueXml = join(directory, 'unrescue.xml');
    const staged = join(directory, `definition-${migration.migrationId}`);

    await twice(() => destination.prepareDestination(rescued, FACTS));
    expect(readFileSync(unrescueXml, 'utf8')).toBe('unrescue.xml');
    expect(readFileSync(staged, 'utf8')).toContain('192.0.2.2');
    await twice(() => destination.clearDestination(rescued));
    expect(await files()).toEqual(FILES);

    await twice(() => destination.prepareDestination(rescued, FACTS));
    await twice(() => switchDefinition(arrivesOn, rescued));
    expect(readFileSync(unrescueXml, 'utf8')).toBe(readFileSync(staged, 'utf8'));
    // As a switch leaves it that has broken off between the old file and the new one.
    for (const leave of [() => rmSync(unrescueXml), () => writeFileSync(unrescueXml, '<dom')]) {
      leave();
      valueOf(await switchDefinition(arrivesOn, rescued));
      expect(readFileSync(unrescueXml, 'utf8')).toBe(readFileSync(staged, 'utf8'));
    }
  });
});

type LibvirtPair = DirectoryPair & { readonly directory: string; readonly arrivesOn: LibvirtHost };

const definitionListeningAt = (address: string): string =>
  `<domain><devices><graphics type="vnc" listen="${address}"/></devices></domain>`;
