import type { ServerRow } from '../../../application/views/servers-view.ts';
import { taskStateOf } from '../../../domain/instance/instance-state.ts';
import { sentenceOf } from '../../../domain/scheduling/choose-host.ts';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import { hostId } from '../host-id.ts';
import { bookmarkLink, selfAndBookmark, type Links } from '../links.ts';
import { supports } from '../supports.ts';
import { inMicroseconds, inSeconds } from '../time-format.ts';
import { powerStateNumber, serverStatus } from './server-status.ts';

/** What a server's representation needs beside the server itself. */
export type ServerSurroundings = {
  readonly microversion: Microversion;
  readonly links: Links;
  /** `os-extended-server-attributes` and `show:host_status` are granted, and the reasons of failures may be told. */
  readonly forAdmin: boolean;
  readonly hypervisorHostname: string | null;
  /** UP, DOWN, MAINTENANCE, UNKNOWN, or "" for a server on no host. */
  readonly hostStatus: string;
  readonly extraSpecs: Readonly<Record<string, string>>;
  /** Percent of a live migration that is done; 0 otherwise. */
  readonly progress: number;
  /** One server is asked for by its id, not many in a list. */
  readonly alone: boolean;
};

const STATUSES_WITH_PROGRESS: readonly string[] = [
  'ACTIVE',
  'BUILD',
  'REBUILD',
  'RESIZE',
  'VERIFY_RESIZE',
  'MIGRATING',
];
const FAULT_CHARACTERS_MAX = 255;

/** `GET /servers`. */
export function serverSummary({ instanceId, name }: ServerRow, links: Links): object {
  return { id: instanceId, name, links: selfAndBookmark(links, `servers/${instanceId}`) };
}

/** `GET /servers/{id}` and `GET /servers/detail`, field by field at each microversion (nova.md G.3). */
export function serverDetail(row: ServerRow, around: ServerSurroundings): object {
  const { microversion, links } = around;
  const status = serverStatus(row);
  return {
    id: row.instanceId,
    name: row.name,
    status,
    tenant_id: row.owner.projectId,
    user_id: row.owner.userId,
    metadata: row.metadata,
    hostId: hostId(row.owner.projectId, row.host),
    image: imageOf(row, around),
    flavor: flavorOf(row, around),
    created: inSeconds(row.createdAt),
    updated: inSeconds(row.updatedAt),
    addresses: {},
    accessIPv4: row.details.accessIpV4,
    accessIPv6: row.details.accessIpV6,
    links: selfAndBookmark(links, `servers/${row.instanceId}`),
    'OS-DCF:diskConfig': row.details.diskConfig,
    ...(STATUSES_WITH_PROGRESS.includes(status) ? { progress: around.progress } : {}),
    ...faultOf(row, status, around),
    'OS-EXT-AZ:availability_zone': row.host === null ? '' : 'nova',
    config_drive: row.options.configDrive === true ? 'True' : '',
    key_name: row.options.keyName,
    'OS-SRV-USG:launched_at': row.launchedAt === null ? null : inMicroseconds(row.launchedAt),
    'OS-SRV-USG:terminated_at': row.existence === 'deleted' ? inMicroseconds(row.deletedAt) : null,
    ...extendedAttributes(row, around),
    'OS-EXT-STS:task_state': taskStateOf(row),
    'OS-EXT-STS:vm_state': row.vmState,
    'OS-EXT-STS:power_state': powerStateNumber(row),
    'os-extended-volumes:volumes_attached': [],
    ...laterFields(row, around, (minor) => supports(microversion, minor)),
  };
}

function imageOf({ images }: ServerRow, { links, microversion }: ServerSurroundings): object {
  return {
    id: images.imageId,
    links: [{ rel: 'bookmark', href: bookmarkLink(links, `images/${images.imageId}`) }],
    ...(supports(microversion, 98) ? { properties: {} } : {}),
  };
}

function flavorOf({ flavor }: ServerRow, { links, microversion, extraSpecs }: ServerSurroundings): object {
  if (!supports(microversion, 47)) {
    return { id: flavor.id, links: [{ rel: 'bookmark', href: bookmarkLink(links, `flavors/${flavor.id}`) }] };
  }
  return {
    vcpus: flavor.vcpus,
    ram: flavor.ramMiB,
    disk: flavor.diskGiB,
    ephemeral: flavor.ephemeralGiB ?? 0,
    swap: flavor.swapMiB ?? 0,
    original_name: flavor.name,
    extra_specs: extraSpecs,
  };
}

/** A reason can name hosts and files, so the owner learns that, and the administrator why. */
function faultOf({ fault }: ServerRow, status: string, { forAdmin }: ServerSurroundings): object {
  if (fault === null || (status !== 'ERROR' && status !== 'DELETED')) return {};
  const told = { code: 500, created: inSeconds(fault.at) };
  return forAdmin
    ? { fault: { ...told, message: sentenceOf(fault.reason).slice(0, FAULT_CHARACTERS_MAX), details: fault.reason } }
    : { fault: { ...told, message: 'The last action on the server failed.' } };
}

function extendedAttributes(
  row: ServerRow,
  { forAdmin, microversion, hypervisorHostname }: ServerSurroundings,
): object {
  const hostname = { 'OS-EXT-SRV-ATTR:hostname': hostnameOf(row) };
  if (!forAdmin) return supports(microversion, 90) ? hostname : {};
  return {
    'OS-EXT-SRV-ATTR:host': row.host,
    'OS-EXT-SRV-ATTR:instance_name': `instance-${row.instanceId}`,
    'OS-EXT-SRV-ATTR:hypervisor_hostname': hypervisorHostname,
    ...(supports(microversion, 3)
      ? {
          ...hostname,
          'OS-EXT-SRV-ATTR:reservation_id': row.options.reservationId ?? `r-${row.instanceId.slice(0, 8)}`,
          'OS-EXT-SRV-ATTR:launch_index': row.options.launchIndex,
          'OS-EXT-SRV-ATTR:kernel_id': row.images.kernelId ?? '',
          'OS-EXT-SRV-ATTR:ramdisk_id': row.images.ramdiskId ?? '',
          'OS-EXT-SRV-ATTR:root_device_name': '/dev/vda',
          'OS-EXT-SRV-ATTR:user_data': row.userData,
        }
      : {}),
  };
}

function laterFields(
  row: ServerRow,
  { forAdmin, hostStatus, alone }: ServerSurroundings,
  since: (minor: number) => boolean,
): object {
  return {
    ...(since(9) ? { locked: row.locked } : {}),
    ...(since(16) && forAdmin ? { host_status: hostStatus } : {}),
    ...(since(19) ? { description: row.details.description } : {}),
    ...(since(26) ? { tags: row.tags } : {}),
    ...(since(63) ? { trusted_image_certificates: null } : {}),
    ...(since(71) && alone
      ? { server_groups: row.options.serverGroupId === null ? [] : [row.options.serverGroupId] }
      : {}),
    ...(since(73) ? { locked_reason: row.lockedReason } : {}),
    ...(since(96) ? { pinned_availability_zone: row.options.availabilityZone } : {}),
    ...(since(100) ? { scheduler_hints: row.options.schedulerHints } : {}),
  };
}

/** The name as a host in a network may be called, as Nova derives it. */
function hostnameOf({ name, instanceId, details }: ServerRow): string {
  if (details.hostname !== null) return details.hostname;
  const sanitized = name
    .replace(/[ _.]/g, '-')
    .replace(/[^\w-]+/g, '')
    .toLowerCase()
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
  return sanitized === '' ? `server-${instanceId}` : sanitized;
}
