import { describe } from 'vitest';
import { LibvirtVolumeArtifactTransfer } from '../../adapters/artifacts/libvirt-volume-artifact-transfer.ts';
import { LocalImageDirectory } from '../../adapters/images/local-image-directory.ts';
import { LibvirtDriver } from '../../adapters/libvirt/libvirt-driver.ts';
import { LibvirtHost } from '../../adapters/libvirt/libvirt-host.ts';
import { SystemClock } from '../../adapters/system/system-clock.ts';
import { hostName, type HostName } from '../../domain/shared/ids.ts';
import { LibvirtLab, whyNoLab } from '../end-to-end/libvirt-lab.fixture.ts';
import { libvirtOptions } from '../lab/libvirt-options.ts';
import { hypervisorDriverContract } from './hypervisor-driver.contract.ts';
import type { HypervisorPair } from './hypervisor-driver.fixture.ts';

const TIMEOUTS = { setUpMs: 120_000, stageMs: 120_000 };

async function makePair(): Promise<HypervisorPair> {
  const lab = await LibvirtLab.start();
  const images = new LocalImageDirectory({ path: lab.images.path, report: () => undefined });
  const clock = new SystemClock();
  const hosts = lab.lab.hosts.map((host) => new LibvirtHost(libvirtOptions(host)));
  const drivers = hosts.map((host) => new LibvirtDriver(host, images, clock));
  const others = lab.lab.hosts.map((host) => new LibvirtDriver(new LibvirtHost(libvirtOptions(host)), images, clock));
  const incapable = lab.lab.hosts.map(
    (host) =>
      new LibvirtDriver(new LibvirtHost({ ...libvirtOptions(host), supportsLiveMigrateRescued: false }), images, clock),
  );
  return {
    hosts: [hostName(lab.lab.hosts[0].name), hostName(lab.lab.hosts[1].name)],
    images,
    transfer: new LibvirtVolumeArtifactTransfer(hosts),
    rescueImages: lab.images.rescue,
    driver: (host) => driverOf(drivers, host),
    driverOfAnotherProcess: (host) => driverOf(others, host),
    driverWithoutRescuedMigration: (host) => driverOf(incapable, host),
    newGuest: () => lab.newGuest(),
    listen: (host, instanceId) => lab.listen(host, instanceId),
    files: (host, instanceId) => lab.files(host, instanceId),
    dispose: async () => {
      await Promise.all([...drivers, ...others, ...incapable].map((driver) => driver.close()));
      await lab.stop();
    },
  };
}

function driverOf(drivers: readonly LibvirtDriver[], host: HostName): LibvirtDriver {
  const driver = drivers.find((candidate) => candidate.host === host);
  if (driver === undefined) throw new Error(`no driver for ${host}`);
  return driver;
}

describe.skipIf((await whyNoLab('test/contracts/libvirt-driver.lab.spec.ts')) !== null)('libvirt', () => {
  hypervisorDriverContract('libvirt on two hosts', makePair, TIMEOUTS);
});
