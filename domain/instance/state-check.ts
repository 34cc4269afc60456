import type { InstanceRefusal, StateCheckedAction } from './instance-commands.ts';
import type { PowerAction, RebootType } from './instance-events.ts';
import { taskStateOf, type PresentInstance } from './instance-state.ts';
import type { VmState } from './vm-state.ts';

export const VM_STATES_FOR_RESCUE: readonly VmState[] = ['active', 'stopped', 'error'];
export const VM_STATES_FOR_UNRESCUE: readonly VmState[] = ['rescued'];

const VM_STATES_FOR_POWER_ACTION: Readonly<Record<PowerAction, readonly VmState[]>> = {
  stop: ['active', 'error'],
  start: ['stopped'],
  pause: ['active'],
  unpause: ['paused'],
  suspend: ['active'],
  resume: ['suspended'],
  reboot: ['active'],
};
const VM_STATES_FOR_HARD_REBOOT: readonly VmState[] = ['active', 'stopped', 'paused', 'suspended', 'error'];

/** Nova's check_instance_state lists (nova/compute/api.py). A rescued server is in none of them (nova.md C.7). */
export function vmStatesForPowerAction(action: PowerAction, rebootType: RebootType | null): readonly VmState[] {
  return rebootType === 'HARD' ? VM_STATES_FOR_HARD_REBOOT : VM_STATES_FOR_POWER_ACTION[action];
}

/** The check every state-checked action shares, in Nova's order: lock, vm_state, task_state, launched. */
export function refuseInState(
  state: PresentInstance,
  {
    action,
    allowed,
    callerIsAdmin,
  }: { readonly action: StateCheckedAction; readonly allowed: readonly VmState[]; readonly callerIsAdmin: boolean },
): InstanceRefusal | null {
  if (state.locked && !callerIsAdmin) return { reason: 'InstanceLocked', instanceId: state.instanceId };
  if (!allowed.includes(state.vmState)) return { reason: 'InvalidVmState', action, vmState: state.vmState };
  const taskState = taskStateOf(state);
  if (taskState !== null) return { reason: 'InvalidTaskState', action, taskState };
  return state.launchedAt === null ? { reason: 'NeverLaunched', action } : null;
}
