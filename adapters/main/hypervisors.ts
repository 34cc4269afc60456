import type { ArtifactTransfer } from '../../application/ports/artifact-transfer.ts';
import type { Clock } from '../../application/ports/clock.ts';
import type { HypervisorDriver } from '../../application/ports/hypervisor-driver.ts';
import type { ImageService } from '../../application/ports/image-service.ts';
import { hostName } from '../../domain/shared/ids.ts';
import { LibvirtVolumeArtifactTransfer } from '../artifacts/libvirt-volume-artifact-transfer.ts';
import { LibvirtDriver } from '../libvirt/libvirt-driver.ts';
import { LibvirtHost } from '../libvirt/libvirt-host.ts';
import type { RemoteSimulatedCloud } from '../simulated/remote/remote-simulated-cloud.ts';
import { SimulatedArtifactTransfer } from '../simulated/simulated-artifact-transfer.ts';
import { SimulatedCloud } from '../simulated/simulated-cloud.ts';
import { SimulatedDriver } from '../simulated/simulated-driver.ts';
import { SimulatedImageService } from '../simulated/simulated-image-service.ts';
import { SimulatedFaults } from '../simulated/simulated-faults.ts';
import type { Configuration } from './configuration.ts';
import { hostDevices } from './host-devices.ts';
import { imageCacheOptions } from './image-cache-configuration.ts';
import { libvirtEndpoint } from './libvirt-endpoint.ts';

/** The drivers of this process's hosts, and the transfer that reaches the same hosts. */
export type Hypervisors = {
  readonly drivers: readonly HypervisorDriver[];
  readonly transfer: ArtifactTransfer;
  /** The hosts with a libvirt, and so with a cache of images. */
  readonly libvirtHosts: readonly LibvirtHost[];
  /** What is configured and a host that answers cannot do, a sentence each; the others are asked before a migration. */
  readonly missingCapabilities: () => Promise<readonly string[]>;
};

/** Of a process that touches no host. */
export const NO_HYPERVISORS: Hypervisors = {
  drivers: [],
  libvirtHosts: [],
  get transfer(): ArtifactTransfer {
    throw new Error('this process moves no files');
  },
  missingCapabilities: async () => [],
};

/** `shared`: the simulated cloud that other processes use too, where one is configured. */
export function openHypervisors(configuration: Configuration, dependencies: HypervisorDependencies): Hypervisors {
  const { images, clock, shared } = dependencies;
  if (configuration.hypervisor === 'libvirt') return libvirtHypervisors(configuration, dependencies);
  if (shared === null) return simulatedHypervisors(configuration, images, clock);
  const simulated = simulatedHypervisors(configuration, new SimulatedImageService(clock), clock);
  const drivers = simulated.drivers.map((driver) => shared.driver(driver));
  return { ...simulated, drivers, transfer: shared.transfer() };
}

type HypervisorDependencies = {
  readonly images: ImageService;
  readonly clock: Clock;
  readonly shared: RemoteSimulatedCloud | null;
  /** Whether this process still holds its lease. */
  readonly mayAct: () => boolean;
};

const MS_PER_SECOND = 1000;

function libvirtHypervisors(
  configuration: Configuration,
  { images, clock, mayAct }: HypervisorDependencies,
): Hypervisors {
  const { hosts, liveMigration } = configuration;
  const libvirtHosts = hosts.map(
    (host) =>
      new LibvirtHost({
        host: hostName(host.name),
        endpoint: libvirtEndpoint(host),
        instancesPath: host.instancesPath,
        disksPath: host.disksPath,
        migrationAddress: host.migrationAddress,
        virtType: host.virtType,
        gracefulShutdownMs: host.gracefulShutdownSeconds * MS_PER_SECOND,
        supportsLiveMigrateRescued: host.supportsLiveMigrateRescued,
        mayUseMonitor: host.mayUseMonitor,
        devices: hostDevices(configuration, host),
        imageCache: imageCacheOptions(host.imageCache),
        mayAct,
      }),
  );
  const drivers = libvirtHosts.map((host) => new LibvirtDriver(host, images, clock, liveMigration));
  const missingCapabilities = async (): Promise<readonly string[]> => {
    const answers = await Promise.all(drivers.map((driver) => driver.missingCapabilities()));
    return answers.flatMap((answer) => (answer.outcome === 'succeeded' ? answer.value : []));
  };
  return { drivers, transfer: new LibvirtVolumeArtifactTransfer(libvirtHosts), libvirtHosts, missingCapabilities };
}

function simulatedHypervisors(configuration: Configuration, images: ImageService, clock: Clock): Hypervisors {
  const { hosts, simulatedMigrationSeconds, simulatedStorage } = configuration;
  const cloud = new SimulatedCloud(clock, simulatedStorage);
  cloud.copyMs = simulatedMigrationSeconds * MS_PER_SECOND;
  const faults = new SimulatedFaults(cloud);
  const drivers = hosts.map((host) => {
    cloud.addHost(hostName(host.name)).supportsLiveMigrateRescued = host.supportsLiveMigrateRescued;
    return new SimulatedDriver(hostName(host.name), { cloud, faults, images });
  });
  return {
    drivers,
    transfer: new SimulatedArtifactTransfer(cloud, faults),
    libvirtHosts: [],
    missingCapabilities: async () => [],
  };
}
