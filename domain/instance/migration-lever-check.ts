import {
  LIVE_MIGRATE_RESCUED_MICROVERSION,
  microversionAtLeast,
  type Microversion,
} from '../service-version/microversion.ts';
import type { InstanceId } from '../shared/ids.ts';
import { taskStateOf, type PresentInstance } from './instance-state.ts';
import type { TaskState, VmState } from './vm-state.ts';

/** Nova's words in its 409 sentences. */
export type MigrationLever = 'abort live migration' | 'force_complete';

export type MigrationLeverRefusal =
  | { readonly reason: 'InstanceLocked'; readonly instanceId: InstanceId }
  | { readonly reason: 'InvalidVmState'; readonly action: MigrationLever; readonly vmState: VmState }
  | { readonly reason: 'InvalidTaskState'; readonly action: MigrationLever; readonly taskState: TaskState }
  | { readonly reason: 'InvalidState'; readonly action: MigrationLever }
  | { readonly reason: 'NeverLaunched'; readonly action: MigrationLever };

type Request = { readonly callerIsAdmin: boolean; readonly microversion: Microversion };

/**
 * What the server's own state says to an abort or a force-complete of its migration, in Nova's order (nova.md B.9, B.10):
 * lock, vm_state, task_state, launched. The migration is judged after it (domain/migration/decide-lever.ts).
 */
export function refuseMigrationLever(
  instance: PresentInstance,
  action: MigrationLever,
  { callerIsAdmin, microversion }: Request,
): MigrationLeverRefusal | null {
  const { vmState } = instance;
  if (instance.locked && !callerIsAdmin) return refuseLocked(instance, action);
  if (action === 'force_complete' && !vmStatesForForceComplete(microversion).includes(vmState)) {
    return { reason: 'InvalidVmState', action, vmState };
  }
  const taskState = taskStateOf(instance);
  if (taskState === null) return { reason: 'InvalidState', action };
  if (taskState !== 'migrating') return { reason: 'InvalidTaskState', action, taskState };
  return instance.launchedAt === null ? { reason: 'NeverLaunched', action } : null;
}

/** Nova reports the lock to an abort as just another invalid state. */
function refuseLocked({ instanceId }: PresentInstance, action: MigrationLever): MigrationLeverRefusal {
  return action === 'force_complete' ? { reason: 'InstanceLocked', instanceId } : { reason: 'InvalidState', action };
}

/** A rescued server's migration could otherwise be started and not be finished (nova.md B.10, decision). */
function vmStatesForForceComplete(microversion: Microversion): readonly VmState[] {
  return microversionAtLeast(microversion, LIVE_MIGRATE_RESCUED_MICROVERSION) ? ['active', 'rescued'] : ['active'];
}
