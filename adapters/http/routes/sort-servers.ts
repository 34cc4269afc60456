import type { ServerRow } from '../../../application/views/servers-view.ts';
import { taskStateOf } from '../../../domain/instance/instance-state.ts';
import { powerStateNumber } from '../representations/server-status.ts';

type Key = (row: ServerRow) => string;

const SORTABLE: ReadonlyMap<string, Key> = new Map<string, Key>([
  ['access_ip_v4', ({ details }) => details.accessIpV4],
  ['access_ip_v6', ({ details }) => details.accessIpV6],
  ['auto_disk_config', ({ details }) => details.diskConfig],
  ['created_at', ({ createdAt }) => createdAt],
  ['display_description', ({ details }) => details.description ?? ''],
  ['display_name', ({ name }) => name],
  ['host', ({ host }) => host ?? ''],
  ['hostname', ({ details }) => details.hostname ?? ''],
  ['image_ref', ({ images }) => images.imageId],
  ['instance_type_id', ({ flavor }) => flavor.id],
  ['kernel_id', ({ images }) => images.kernelId ?? ''],
  ['key_name', ({ options }) => options.keyName ?? ''],
  ['launch_index', ({ options }) => String(options.launchIndex).padStart(NUMBER_WIDTH, '0')],
  ['launched_at', ({ launchedAt }) => launchedAt ?? ''],
  ['locked', ({ locked }) => (locked ? '1' : '0')],
  ['node', ({ host }) => host ?? ''],
  ['power_state', (row) => String(powerStateNumber(row))],
  ['project_id', ({ owner }) => owner.projectId],
  ['ramdisk_id', ({ images }) => images.ramdiskId ?? ''],
  ['task_state', (row) => taskStateOf(row) ?? ''],
  ['terminated_at', (row) => (row.existence === 'deleted' ? row.deletedAt : '')],
  ['updated_at', ({ updatedAt }) => updatedAt],
  ['user_id', ({ owner }) => owner.userId],
  ['uuid', ({ instanceId }) => instanceId],
  ['vm_state', ({ vmState }) => vmState],
]);
const NUMBER_WIDTH = 10;

/** Nova's list; a key that all servers here have the same value for leaves the order as it is. */
export const NOVA_SORT_KEYS: readonly string[] = [
  ...SORTABLE.keys(),
  'availability_zone',
  'config_drive',
  'locked_by',
  'progress',
  'root_device_name',
];

/** What Nova left out of its list at 2.75; before, it takes them and sorts by the others. */
export const IGNORED_SORT_KEYS: ReadonlySet<string> = new Set(
  (
    'architecture cell_name cleaned default_ephemeral_device default_swap_device deleted deleted_at disable_terminate ' +
    'ephemeral_gb ephemeral_key_uuid id key_data launched_on memory_mb os_type reservation_id root_gb ' +
    'shutdown_terminate user_data vcpus vm_mode'
  ).split(' '),
);

/** What is asked for when nothing is: a page of it needs no other servers. */
export const isNewestFirst = (query: URLSearchParams): boolean =>
  query.getAll('sort_key').length === 0 && query.getAll('sort_dir')[0] !== 'asc';

/**
 * As the query says: a key without a direction goes in the first one, and so does what no key tells apart, by the time of
 * its creation; pages never overlap. `rows`: oldest first.
 */
export function sortServers(rows: readonly ServerRow[], query: URLSearchParams): readonly ServerRow[] {
  const keys = query.getAll('sort_key');
  const directions = query.getAll('sort_dir');
  const inFirstDirection = directions[0] === 'asc' ? rows : rows.toReversed();
  return inFirstDirection.toSorted((one, other) => {
    for (const [index, name] of keys.entries()) {
      const key = SORTABLE.get(name);
      const order = key === undefined ? 0 : compare(key(one), key(other));
      if (order !== 0) return (directions[index] ?? directions[0]) === 'asc' ? order : -order;
    }
    return 0;
  });
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
