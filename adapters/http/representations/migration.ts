import type { MigrationProgress } from '../../../application/ports/hypervisor-driver.ts';
import type { ColdMigrationRow } from '../../../application/views/cold-migrations.ts';
import type { MigrationRow } from '../../../application/views/migrations-view.ts';
import type { MigrationStatus } from '../../../domain/migration/migration-status.ts';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import type { HostName } from '../../../domain/shared/ids.ts';
import { selfAndBookmark, type Links } from '../links.ts';
import { supports } from '../supports.ts';
import { inMicroseconds } from '../time-format.ts';

export type MigrationSurroundings = {
  readonly microversion: Microversion;
  readonly links: Links;
  /** Policy `index:host`. */
  readonly hosts: boolean;
  readonly hypervisorHostname: (host: HostName) => string;
  /** Of the running transfer; null when there is none. */
  readonly progress: MigrationProgress | null;
  /** The number that stands for the flavor's id in the old fields, which are integers. */
  readonly flavorNumber: number;
};

/** In progress as `/servers/{id}/migrations` means it: a migration just accepted is not yet (nova.md G.1). */
const IN_PROGRESS: readonly MigrationStatus[] = ['queued', 'preparing', 'running'];

export const isInProgress = ({ status }: MigrationRow): boolean => IN_PROGRESS.includes(status);

/** A row of `/servers/{id}/migrations`, with the transfer's counters. */
export function serverMigration(row: MigrationRow, around: MigrationSurroundings): object {
  return {
    id: row.number,
    server_uuid: row.instanceId,
    ...hostsOf(row, around),
    status: row.status,
    created_at: inMicroseconds(row.createdAt),
    updated_at: inMicroseconds(row.updatedAt),
    ...countersOf(row, around.progress),
    ...laterFields(row, around.microversion),
  };
}

/** A row of `/os-migrations` (nova.md G.2). */
export function migration(row: MigrationRow, around: MigrationSurroundings): object {
  const path = `servers/${row.instanceId}/migrations/${row.number}`;
  return {
    id: row.number,
    instance_uuid: row.instanceId,
    ...hostsOf(row, around),
    old_instance_type_id: around.flavorNumber,
    new_instance_type_id: around.flavorNumber,
    status: row.status,
    created_at: inMicroseconds(row.createdAt),
    updated_at: inMicroseconds(row.updatedAt),
    ...(supports(around.microversion, 23) ? { migration_type: 'live-migration' } : {}),
    ...(supports(around.microversion, 23) && isInProgress(row) ? { links: selfAndBookmark(around.links, path) } : {}),
    ...laterFields(row, around.microversion),
  };
}

export type ColdMigrationSurroundings = Pick<MigrationSurroundings, 'microversion' | 'hosts' | 'hypervisorHostname'> & {
  readonly hostIp: (host: HostName) => string | null;
  readonly flavorNumber: (flavorId: string) => number;
};

/** A row of `/os-migrations` for a resize or a cold migration; it has no page of its own, so no links. */
export function coldMigration(row: ColdMigrationRow, around: ColdMigrationSurroundings): object {
  const { source, destination } = row;
  const shown = <Told>(host: HostName | null, told: (host: HostName) => Told): Told | null =>
    around.hosts && host !== null ? told(host) : null;
  return {
    id: row.number,
    instance_uuid: row.instanceId,
    source_compute: shown(source, (host) => host),
    source_node: shown(source, around.hypervisorHostname),
    dest_compute: shown(destination, (host) => host),
    dest_host: shown(destination, around.hostIp),
    dest_node: shown(destination, around.hypervisorHostname),
    old_instance_type_id: around.flavorNumber(row.oldFlavorId),
    new_instance_type_id: around.flavorNumber(row.newFlavorId),
    status: row.status,
    created_at: inMicroseconds(row.createdAt),
    updated_at: inMicroseconds(row.updatedAt),
    ...(supports(around.microversion, 23) ? { migration_type: row.migrationType } : {}),
    ...laterFields(row, around.microversion),
  };
}

/** Nodes are written with the choice of the destination; a host that bypasses the scheduler is known before. */
function hostsOf(
  { source, destination, requestedHost, bypassesScheduler }: MigrationRow,
  { hosts, hypervisorHostname }: MigrationSurroundings,
): object {
  const shown = (host: HostName | null) => (hosts ? host : null);
  const node = (host: HostName | null) => (hosts && host !== null ? hypervisorHostname(host) : null);
  return {
    source_compute: shown(source),
    source_node: destination === null ? null : node(source),
    dest_compute: shown(destination ?? (bypassesScheduler ? requestedHost : null)),
    dest_host: null,
    dest_node: node(destination),
  };
}

function laterFields(
  { migrationId, initiator }: Pick<MigrationRow, 'migrationId' | 'initiator'>,
  microversion: Microversion,
): object {
  return {
    ...(supports(microversion, 59) ? { uuid: migrationId } : {}),
    ...(supports(microversion, 80) ? { user_id: initiator.userId, project_id: initiator.projectId } : {}),
  };
}

/** Null until the hypervisor has said something. */
function countersOf({ figures }: MigrationRow, progress: MigrationProgress | null): object {
  if (progress !== null) {
    return {
      memory_total_bytes: progress.memoryTotalBytes,
      memory_processed_bytes: progress.memoryProcessedBytes,
      memory_remaining_bytes: progress.memoryRemainingBytes,
      disk_total_bytes: progress.diskTotalBytes,
      disk_processed_bytes: progress.diskProcessedBytes,
      disk_remaining_bytes: progress.diskRemainingBytes,
    };
  }
  const memory = figures?.memoryBytes ?? null;
  const disk = figures?.diskBytes ?? null;
  return {
    memory_total_bytes: memory,
    memory_processed_bytes: memory,
    memory_remaining_bytes: memory === null ? null : 0,
    disk_total_bytes: disk,
    disk_processed_bytes: disk,
    disk_remaining_bytes: disk === null ? null : 0,
  };
}
