import type { ServerRow } from '../../../application/views/servers-view.ts';
import { taskStateOf } from '../../../domain/instance/instance-state.ts';

type Key = (row: ServerRow) => string;

const SORTABLE: ReadonlyMap<string, Key> = new Map<string, Key>([
  ['created_at', ({ createdAt }) => createdAt],
  ['updated_at', ({ updatedAt }) => updatedAt],
  ['launched_at', ({ launchedAt }) => launchedAt ?? ''],
  ['display_name', ({ name }) => name],
  ['uuid', ({ instanceId }) => instanceId],
  ['host', ({ host }) => host ?? ''],
  ['vm_state', ({ vmState }) => vmState],
  ['task_state', (row) => taskStateOf(row) ?? ''],
  ['project_id', ({ owner }) => owner.projectId],
  ['user_id', ({ owner }) => owner.userId],
  ['image_ref', ({ images }) => images.imageId],
  ['locked', ({ locked }) => (locked ? '1' : '0')],
]);

/** Nova's list; a key that all servers here have the same value for leaves the order as it is. */
export const NOVA_SORT_KEYS: readonly string[] = [
  ...SORTABLE.keys(),
  'access_ip_v4',
  'access_ip_v6',
  'auto_disk_config',
  'availability_zone',
  'config_drive',
  'display_description',
  'hostname',
  'instance_type_id',
  'kernel_id',
  'key_name',
  'launch_index',
  'locked_by',
  'node',
  'power_state',
  'progress',
  'ramdisk_id',
  'root_device_name',
  'terminated_at',
];

/** Newest first unless the query says otherwise; ends with the UUID, so that pages never overlap. `rows`: oldest first. */
export function sortServers(rows: readonly ServerRow[], query: URLSearchParams): readonly ServerRow[] {
  const keys = query.getAll('sort_key');
  const directions = query.getAll('sort_dir');
  if (keys.length === 0) return directions[0] === 'asc' ? rows : rows.toReversed();
  return rows.toSorted((one, other) => {
    for (const [index, name] of keys.entries()) {
      const key = SORTABLE.get(name);
      const order = key === undefined ? 0 : compare(key(one), key(other));
      if (order !== 0) return directions[index] === 'asc' ? order : -order;
    }
    return compare(one.instanceId, other.instanceId);
  });
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
