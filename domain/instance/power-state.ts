import type { HostName, Instant } from '../shared/ids.ts';
import type { InstanceEvent } from './instance-events.ts';
import type { PresentInstance } from './instance-state.ts';
import type { PowerState, VmState } from './vm-state.ts';

/** What a server's vm_state lets one expect of its guest; null where nothing is expected. */
export function expectedPowerState(vmState: VmState): PowerState | null {
  switch (vmState) {
    case 'active':
    case 'rescued':
    case 'resized':
      return 'running';
    case 'paused':
      return 'paused';
    case 'stopped':
    // libvirt keeps the memory in a file; the guest itself is off.
    case 'suspended':
      return 'shutdown';
    case 'shelved_offloaded':
      return 'shutdown';
    case 'building':
    case 'error':
    case 'deleted':
      return null;
  }
}

/** What its hypervisor has said last, or what is expected; null: nobody knows. */
export function powerStateOf({
  vmState,
  observedPower,
}: Pick<PresentInstance, 'vmState' | 'observedPower'>): PowerState | null {
  return observedPower ?? expectedPowerState(vmState);
}

export type ObservePowerState = {
  readonly type: 'ObservePowerState';
  /** Where it was seen; an answer of a host that the server has left says nothing. */
  readonly host: HostName;
  readonly powerState: PowerState;
  /** When the server had changed last as its host was asked; an answer to an older state says nothing of this one. */
  readonly asOf: Instant;
  readonly at: Instant;
};

/** Records only a change, and only of a server with which nothing is being done: otherwise it is on its way somewhere. */
export function decidePowerState(
  instance: PresentInstance,
  { host, powerState, asOf, at }: ObservePowerState,
): readonly InstanceEvent[] {
  if (instance.task !== null || instance.migration !== null || instance.host !== host) return [];
  if (instance.updatedAt !== asOf) return [];
  return powerStateOf(instance) === powerState ? [] : [{ type: 'PowerStateObserved', powerState, at }];
}

/**
 * True for a server whose guest has switched itself off: Nova then stops it (_sync_instance_power_state), so that its
 * owner can start it again. A rescued server stays rescued: unrescue gives back the original machine.
 */
export function hasStoppedItself(instance: PresentInstance): boolean {
  const power = powerStateOf(instance);
  return instance.vmState === 'active' && instance.task === null && (power === 'shutdown' || power === 'crashed');
}
