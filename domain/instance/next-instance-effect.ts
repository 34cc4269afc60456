import type { HostName } from '../shared/ids.ts';
import type { PowerAction, RebootType } from './instance-events.ts';
import type { BootImages, FlavorSnapshot } from './boot-images.ts';
import type { InstanceState, OriginalDefinition, PresentInstance } from './instance-state.ts';

/** The one thing to do now to a server's guest. */
export type InstanceEffect =
  | { readonly effect: 'schedule'; readonly requestedHost: HostName | null }
  | { readonly effect: 'spawn'; readonly host: HostName }
  | {
      readonly effect: 'power';
      readonly host: HostName;
      readonly action: PowerAction;
      readonly rebootType: RebootType | null;
    }
  | { readonly effect: 'captureDefinition'; readonly host: HostName }
  | {
      readonly effect: 'rescue';
      readonly host: HostName;
      readonly images: BootImages;
      readonly original: OriginalDefinition;
    }
  | { readonly effect: 'unrescue'; readonly host: HostName; readonly original: OriginalDefinition }
  /** Everything of the guest goes and is made anew. `stopAfter`: it was stopped and is to be so again. */
  | { readonly effect: 'rebuild'; readonly host: HostName; readonly stopAfter: boolean }
  /** `start`: the guest ran before and is to run afterwards. */
  | {
      readonly effect: 'resize' | 'revertResize';
      readonly host: HostName;
      readonly flavor: FlavorSnapshot;
      readonly start: boolean;
    }
  /** Host null: it never reached one. */
  | { readonly effect: 'destroy'; readonly host: HostName | null };

export type EffectName = InstanceEffect['effect'];

/**
 * Computed from recorded events and nothing else, so a restart goes on where the process died. A live migration is the
 * saga's business; a delete waits until it has ended, for only then is it known where the guest is.
 */
export function nextInstanceEffect(state: InstanceState): InstanceEffect | null {
  if (state.existence !== 'present' || state.task === null) return null;
  const { task, host } = state;
  if (task.task === 'delete') return state.migration === null ? { effect: 'destroy', host } : null;
  if (task.task === 'schedule') return { effect: 'schedule', requestedHost: state.requestedHost };
  return host === null ? null : effectOnHost(state, host);
}

function effectOnHost({ task, rescue, resize, vmState }: PresentInstance, host: HostName): InstanceEffect | null {
  switch (task?.task) {
    case 'spawn':
      return { effect: 'spawn', host };
    case 'power':
      return { effect: 'power', host, action: task.action, rebootType: task.rebootType };
    case 'rescue':
      return task.original === null
        ? { effect: 'captureDefinition', host }
        : { effect: 'rescue', host, images: task.images, original: task.original };
    case 'unrescue':
      return rescue === null ? null : { effect: 'unrescue', host, original: rescue.original };
    case 'rebuild':
      return { effect: 'rebuild', host, stopAfter: task.stopAfter };
    case 'resize':
      return { effect: 'resize', host, flavor: task.flavor, start: vmState !== 'stopped' };
    case 'revertResize':
      if (resize === null) return null;
      return { effect: 'revertResize', host, flavor: resize.flavor, start: resize.vmState !== 'stopped' };
    case 'schedule':
    case 'migrate':
    case 'delete':
    case undefined:
      return null;
  }
}
