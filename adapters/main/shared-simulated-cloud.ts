import type { ProcessLease } from '../../application/process-lease.ts';
import { hostName } from '../../domain/shared/ids.ts';
import { RemoteSimulatedCloud } from '../simulated/remote/remote-simulated-cloud.ts';
import { SimulatedCloudServer } from '../simulated/remote/simulated-cloud-server.ts';
import { SimulatedCloud } from '../simulated/simulated-cloud.ts';
import { SimulatedFaults } from '../simulated/simulated-faults.ts';
import { fillSimulatedImages } from '../simulated/simulated-image-catalogue.ts';
import { SimulatedImageService } from '../simulated/simulated-image-service.ts';
import { SystemClock } from '../system/system-clock.ts';
import type { Configuration } from './configuration.ts';

const MS_PER_SECOND = 1000;
const UNIX = 'unix:';

/** Null: this process has a simulated cloud of its own, or none. */
export function shareSimulatedCloud(
  { hypervisor, simulatedCloud }: Configuration,
  lease: Pick<ProcessLease, 'runner' | 'isGood'>,
): RemoteSimulatedCloud | null {
  if (hypervisor !== 'simulated' || simulatedCloud === null) return null;
  const path = simulatedCloud.slice(UNIX.length);
  return new RemoteSimulatedCloud({ path, name: lease.runner, mayAct: () => lease.isGood });
}

export type ServedSimulatedCloud = { readonly path: string; readonly stop: () => Promise<void> };

/** The cloud itself, with the configured hosts and a few images. Rejects, with a sentence for the operator, when it cannot. */
export async function serveSimulatedCloud(configuration: Configuration): Promise<ServedSimulatedCloud> {
  const { hosts, simulatedCloud, simulatedMigrationSeconds, simulatedStorage } = configuration;
  if (simulatedCloud === null) {
    throw new Error('simulatedCloud: found nothing; expected the socket that the processes share, as unix:/path');
  }
  const clock = new SystemClock();
  const cloud = new SimulatedCloud(clock, simulatedStorage);
  cloud.copyMs = simulatedMigrationSeconds * MS_PER_SECOND;
  for (const host of hosts) {
    cloud.addHost(hostName(host.name)).supportsLiveMigrateRescued = host.supportsLiveMigrateRescued;
  }
  const images = new SimulatedImageService(clock);
  fillSimulatedImages(images, clock.now());
  const server = new SimulatedCloudServer({ cloud, faults: new SimulatedFaults(cloud), images });
  const path = simulatedCloud.slice(UNIX.length);
  try {
    await server.listen(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `simulatedCloud: nothing can listen at ${path}: ${reason}. Remove what an earlier run has left there`,
      {
        cause: error,
      },
    );
  }
  return { path, stop: () => server.stop() };
}
