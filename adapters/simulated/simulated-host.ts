import type { HostName, InstanceId, MigrationId } from '../../domain/shared/ids.ts';
import { isOn, type SimulatedGuest } from './simulated-guest.ts';

export const MEBIBYTE = 1_048_576;
export const GIBIBYTE = 1_073_741_824;

export type HostCapacity = { readonly vcpus: number; readonly memoryMiB: number; readonly diskGiB: number };

/** `content` is what the tests compare; `capacityBytes` is the size a guest or a block copy sees. */
export type SimulatedFile = { readonly content: Uint8Array; readonly capacityBytes: number };

export type InstanceDirectory = {
  /** The migration that created it and has not been adopted yet; null for a server's own directory. */
  ownerMigration: MigrationId | null;
  /** Migrations whose guest is on its way to another host of the same directory; they may remove that guest only. */
  readonly arriving: Set<MigrationId>;
  readonly files: Map<string, SimulatedFile>;
};

/** The state of one host. Only the cloud and the drivers change it; tests read it through the cloud's questions. */
export type SimulatedHost = {
  readonly name: HostName;
  readonly address: string;
  readonly capacity: HostCapacity;
  reachable: boolean;
  diskFull: boolean;
  supportsLiveMigrateRescued: boolean;
  /** All hosts of a cloud with shared storage have the same. */
  readonly directories: Map<InstanceId, InstanceDirectory>;
  readonly guests: Map<InstanceId, SimulatedGuest>;
  /** Servers that a migration is at work on at this moment: libvirt's job lock. */
  readonly jobs: Set<InstanceId>;
  /** Servers that write to their memory faster than it can be copied. */
  readonly dirtying: Set<InstanceId>;
};

export function memoryFreeMiB(host: SimulatedHost): number {
  const used = [...host.guests.values()].filter(isOn).reduce((sum, guest) => sum + guest.definition.memoryMiB, 0);
  return host.capacity.memoryMiB - used;
}

export function diskFreeBytes(host: SimulatedHost): number {
  if (host.diskFull) return 0;
  const files = [...host.directories.values()].flatMap((directory) => [...directory.files.values()]);
  return host.capacity.diskGiB * GIBIBYTE - files.reduce((sum, file) => sum + file.capacityBytes, 0);
}

/** Whether what arrives beside this directory is the migration's own. */
export function isComing(directory: InstanceDirectory | undefined, migrationId: MigrationId): boolean {
  return directory?.ownerMigration === migrationId || directory?.arriving.has(migrationId) === true;
}

/** Both have the same directories: nothing is copied between them, and nothing removed that the other may need. */
export const shareStorage = (one: SimulatedHost, other: SimulatedHost): boolean =>
  one.directories === other.directories;

export const directoryPath = (instanceId: InstanceId): string => `/var/lib/lifeboat/instances/${instanceId}`;

export const filePath = (instanceId: InstanceId, name: string): string => `${directoryPath(instanceId)}/${name}`;
