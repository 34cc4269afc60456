import { taskStateOf } from '../../../domain/instance/instance-state.ts';
import { powerStateOf } from '../../../domain/instance/power-state.ts';
import type { PowerState, TaskState, VmState } from '../../../domain/instance/vm-state.ts';
import type { ServerRow } from '../../../application/views/servers-view.ts';

type StatusesOf = { readonly default: string } & Readonly<Partial<Record<TaskState, string>>>;

/** nova.md G.4. A rescued server stays RESCUE whatever is being done to it, migrations included. */
const STATUSES: Readonly<Record<VmState, StatusesOf>> = {
  active: {
    default: 'ACTIVE',
    rebooting: 'REBOOT',
    rebooting_hard: 'HARD_REBOOT',
    migrating: 'MIGRATING',
    rebuilding: 'REBUILD',
    resize_migrating: 'RESIZE',
  },
  building: { default: 'BUILD' },
  paused: { default: 'PAUSED', migrating: 'MIGRATING' },
  suspended: { default: 'SUSPENDED' },
  shelved_offloaded: { default: 'SHELVED_OFFLOADED' },
  stopped: { default: 'SHUTOFF', rebuilding: 'REBUILD', resize_migrating: 'RESIZE' },
  resized: { default: 'VERIFY_RESIZE', resize_reverting: 'REVERT_RESIZE' },
  rescued: { default: 'RESCUE' },
  error: { default: 'ERROR', rebuilding: 'REBUILD' },
  deleted: { default: 'DELETED' },
};

export function serverStatus(row: ServerRow): string {
  const taskState = taskStateOf(row);
  const statuses = STATUSES[row.vmState];
  return (taskState === null ? undefined : statuses[taskState]) ?? statuses.default;
}

const POWER_STATE_NUMBER: Readonly<Record<PowerState, number>> = { running: 1, paused: 3, shutdown: 4, crashed: 6 };

/** Nova's `power_state` numbers; 0 where nobody knows. From the records: nobody asks the hypervisor for a GET. */
export function powerStateNumber(row: ServerRow): number {
  const powerState = powerStateOf(row);
  return powerState === null ? 0 : POWER_STATE_NUMBER[powerState];
}

/**
 * Which servers a filter `status=` means: as in Nova it becomes sets of vm_states and task_states, and a status that
 * is some vm_state's default does not look at the task_state. Null: there is no such status.
 */
export function statusFilter(wanted: readonly string[]): ((row: ServerRow) => boolean) | null {
  const names = wanted.map((status) => status.toUpperCase());
  const matches = Object.entries(STATUSES).flatMap(([vmState, statuses]) =>
    Object.entries(statuses)
      .filter(([, status]) => names.includes(status))
      .map(([taskState]) => ({ vmState, taskState })),
  );
  if (matches.length === 0) return null;
  const vmStates = new Set(matches.map(({ vmState }) => vmState));
  const taskStates = new Set(matches.map(({ taskState }) => taskState));
  return (row) =>
    vmStates.has(row.vmState) && (taskStates.has('default') || taskStates.has(taskStateOf(row) ?? 'default'));
}
