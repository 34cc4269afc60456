/** Nova's vm_state values that this control plane produces. */
export type VmState =
  | 'building'
  | 'active'
  | 'paused'
  | 'suspended'
  | 'stopped'
  | 'rescued'
  | 'resized'
  | 'shelved_offloaded'
  | 'error'
  | 'deleted';

/** Nova's power_state values, as far as a hypervisor can tell them. */
export type PowerState = 'running' | 'paused' | 'shutdown' | 'crashed';

/** Nova's task_state values that this control plane produces; null is idle. */
export type TaskState =
  | 'scheduling'
  | 'spawning'
  | 'powering-off'
  | 'powering-on'
  | 'pausing'
  | 'unpausing'
  | 'suspending'
  | 'resuming'
  | 'rebooting'
  | 'rebooting_hard'
  | 'rescuing'
  | 'unrescuing'
  | 'migrating'
  | 'rebuilding'
  | 'resize_migrating'
  | 'resize_reverting'
  | 'resize_confirming'
  | 'shelving'
  | 'unshelving'
  | 'image_snapshot'
  | 'deleting';
