import { join } from 'node:path';
import { importImage, type ImageDescription } from '../../adapters/images/image-import.ts';
import type { ImageId } from '../../domain/shared/ids.ts';
import { detectAcceleration, type Acceleration } from '../lab/acceleration.ts';
import { buildGuestImages, GUEST_COMMAND_LINE, type GuestImages } from '../lab/guest-images.ts';
import type { LabHost } from '../lab/lab-host.ts';
import { startTwoHosts, type Lab } from '../lab/two-hosts.ts';

/** Both hosts, and images for guests on them; Lifeboat is not there yet. */
export type DemoWorld = {
  readonly lab: Lab;
  readonly source: LabHost;
  readonly destination: LabHost;
  readonly acceleration: Acceleration;
  readonly imageDirectory: string;
  readonly originalImage: ImageId;
  readonly rescueImage: ImageId;
  readonly originalDataSha256: string;
};

/** What a compute service reports that does, and that does not yet, know live migration of rescued servers. */
export const KNOWS_RESCUED_MIGRATION = 74;
export const TOO_OLD = 73;
const GRACEFUL_SHUTDOWN_SECONDS = 5;
const HEARTBEAT_SECONDS = 2;

/** `begun` gets the hosts before anything can fail after them, so that the caller can end them. */
export async function buildDemoWorld(begun: (lab: Lab) => void, doing: (text: string) => void): Promise<DemoWorld> {
  doing('starting two libvirtd in their own namespaces');
  const lab = await startTwoHosts({ directory: null, names: ['lab-a', 'lab-b'] });
  begun(lab);
  doing('building guest images, looking whether KVM works');
  const [acceleration, built] = await Promise.all([
    detectAcceleration(),
    buildGuestImages({ outputDirectory: join(lab.directory, 'built') }),
  ]);
  const imageDirectory = join(lab.directory, 'images');
  const { originalImage, rescueImage } = await importImages(imageDirectory, built);
  const originalDataSha256 = built.originalDisk.dataSha256 ?? '';
  const [source, destination] = lab.hosts;
  return { lab, source, destination, acceleration, imageDirectory, originalImage, rescueImage, originalDataSha256 };
}

/** Lifeboat's configuration file but for `listen` and `store`. `destinationVersion`: what lab-b's compute service reports. */
export function demoConfiguration(world: DemoWorld, destinationVersion: number): object {
  const hostOf = ({ facts }: LabHost, serviceVersion: number): object => ({
    name: facts.name,
    libvirt: `unix:${facts.socketPath}`,
    instancesPath: facts.instancesPath,
    migrationAddress: facts.migrationAddress,
    virtType: world.acceleration === 'kvm' ? 'kvm' : 'qemu',
    gracefulShutdownSeconds: GRACEFUL_SHUTDOWN_SECONDS,
    serviceVersion,
  });
  return {
    hypervisor: 'libvirt',
    images: { kind: 'directory', path: world.imageDirectory },
    hosts: [hostOf(world.source, KNOWS_RESCUED_MIGRATION), hostOf(world.destination, destinationVersion)],
    heartbeatSeconds: HEARTBEAT_SECONDS,
  };
}

type ImagePair = Pick<DemoWorld, 'originalImage' | 'rescueImage'>;
type BootPair = { readonly kernel: ImageId; readonly ramdisk: ImageId };

async function importImages(directory: string, built: GuestImages): Promise<ImagePair> {
  const put = async (name: string, format: 'aki' | 'ari', file: string): Promise<ImageId> =>
    imported(directory, { name, diskFormat: format, containerFormat: format, properties: {} }, file);
  const disk = async (name: string, pair: BootPair, file: string): Promise<ImageId> => {
    const properties = { kernel_id: pair.kernel, ramdisk_id: pair.ramdisk, os_command_line: GUEST_COMMAND_LINE };
    return imported(directory, { name, diskFormat: 'qcow2', containerFormat: 'bare', properties }, file);
  };
  const original = {
    kernel: await put('kernel', 'aki', built.kernel),
    ramdisk: await put('ramdisk', 'ari', built.initialRamdisk),
  };
  const rescue = {
    kernel: await put('rescue-kernel', 'aki', built.rescueKernel),
    ramdisk: await put('rescue-ramdisk', 'ari', built.rescueRamdisk),
  };
  return {
    originalImage: await disk('original', original, built.originalDisk.qcow2),
    rescueImage: await disk('rescue', rescue, built.rescueDisk.qcow2),
  };
}

async function imported(
  directory: string,
  described: Pick<ImageDescription, 'name' | 'diskFormat' | 'containerFormat' | 'properties'>,
  file: string,
): Promise<ImageId> {
  const common = {
    id: null,
    minDiskGiB: 0,
    minRamMiB: 0,
    visibility: 'public',
    createdAt: new Date().toISOString(),
  } as const;
  const answer = await importImage(directory, { ...common, ...described }, file);
  if (!answer.imported) throw new Error(answer.reason);
  return answer.image.id;
}
