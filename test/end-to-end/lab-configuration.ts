import { join } from 'node:path';
import { readConfiguration, type Configuration } from '../../adapters/main/configuration.ts';
import { GUEST_MEMORY_MIB } from '../lab/guest-images.ts';
import type { LibvirtLab } from './libvirt-lab.fixture.ts';

export const FLAVOR = 'lab';
const HEARTBEAT_SECONDS = 0.5;

/** Lifeboat's configuration for both hosts of a laboratory, the log in a file beside the images. */
export function labConfiguration(
  { lab, images, directory }: LibvirtLab,
  changes: {
    readonly withoutRescuedMigration?: string;
    /** By host, where it is not the laboratory's own. */
    readonly instancesPaths?: ReadonlyMap<string, string>;
    /** A storage pool of both hosts. */
    readonly disksPath?: string | null;
    readonly imageCache?: Configuration['hosts'][number]['imageCache'];
    readonly configDriveFormat?: Configuration['guests']['configDriveFormat'];
    readonly ramMiB?: number;
    readonly diskGiB?: number;
    readonly ephemeralGiB?: number;
    readonly swapMiB?: number;
    /** Of the log; a laboratory may see several. */
    readonly storeName?: string;
  } = {},
): Configuration {
  const hosts = lab.hosts.map(({ name, facts }) => ({
    name,
    libvirt: `unix:${facts.socketPath}`,
    instancesPath: changes.instancesPaths?.get(name) ?? facts.instancesPath,
    disksPath: changes.disksPath ?? null,
    migrationAddress: facts.migrationAddress,
    gracefulShutdownSeconds: 0,
    imageCache: changes.imageCache ?? null,
    supportsLiveMigrateRescued: name !== changes.withoutRescuedMigration,
  }));
  const { ephemeralGiB, swapMiB } = changes;
  const localDisks = {
    ...(ephemeralGiB === undefined ? {} : { ephemeralGiB }),
    ...(swapMiB === undefined ? {} : { swapMiB }),
  };
  const answer = readConfiguration(
    null,
    {},
    {
      listen: { port: 0 },
      store: `sqlite:${join(directory, changes.storeName ?? 'events.db')}`,
      hypervisor: 'libvirt',
      images: { kind: 'directory', path: images.path },
      hosts,
      guests: { configDriveFormat: changes.configDriveFormat ?? 'iso9660' },
      flavors: [
        {
          id: FLAVOR,
          name: 'm1.lab',
          vcpus: 1,
          ramMiB: changes.ramMiB ?? GUEST_MEMORY_MIB,
          diskGiB: changes.diskGiB ?? 0,
          ...localDisks,
        },
      ],
      heartbeatSeconds: HEARTBEAT_SECONDS,
    },
  );
  if (!answer.valid) throw new Error(answer.problems.join('\n'));
  return answer.configuration;
}
