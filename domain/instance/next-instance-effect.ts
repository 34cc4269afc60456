import type { HostName } from '../shared/ids.ts';
import type { PowerAction, RebootType } from './instance-events.ts';
import type { BootImages, FlavorSnapshot, ShelvedImage, SnapshotImage } from './boot-images.ts';
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
  /** The guest is switched off and stands on both hosts until its owner has decided. */
  | {
      readonly effect: 'coldMigrate';
      readonly host: HostName;
      readonly destination: HostName;
      readonly start: boolean;
    }
  /** The copy on the host that the guest has left goes. */
  | { readonly effect: 'confirmResize'; readonly host: HostName }
  /** `host` is the one the guest came from, and `from` the one it leaves again. */
  | {
      readonly effect: 'revertColdMigration';
      readonly host: HostName;
      readonly from: HostName;
      readonly start: boolean;
    }
  | { readonly effect: 'shelve'; readonly host: HostName; readonly image: ShelvedImage }
  /** The guest goes on as it was. */
  | { readonly effect: 'snapshot'; readonly host: HostName; readonly image: SnapshotImage }
  /** Host null: nobody can take it. */
  | { readonly effect: 'unshelve'; readonly host: HostName | null; readonly image: ShelvedImage }
  /** Host null: it never reached one, or has left it. `alsoOn`: where a copy waits for a confirmation. */
  | { readonly effect: 'destroy'; readonly host: HostName | null; readonly alsoOn: HostName | null };

export type EffectName = InstanceEffect['effect'];

/**
 * Computed from recorded events and nothing else, so a restart goes on where the process died. A live migration is the
 * saga's business; a delete waits until it has ended, for only then is it known where the guest is.
 */
export function nextInstanceEffect(state: InstanceState): InstanceEffect | null {
  if (state.existence !== 'present' || state.task === null) return null;
  const { task, host } = state;
  if (task.task === 'delete')
    return state.migration === null ? { effect: 'destroy', host, alsoOn: otherCopy(state) } : null;
  if (task.task === 'unshelve') {
    return state.shelved === null ? null : { effect: 'unshelve', host: task.host, image: state.shelved };
  }
  if (task.task === 'schedule') return { effect: 'schedule', requestedHost: state.requestedHost };
  return host === null ? null : effectOnHost(state, host);
}

const otherCopy = ({ resize }: PresentInstance): HostName | null => resize?.source ?? null;

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
    case 'coldMigrate':
      return { effect: 'coldMigrate', host, destination: task.destination, start: vmState !== 'stopped' };
    case 'confirmResize':
      if (resize === null || resize.source === null) return null;
      return { effect: 'confirmResize', host: resize.source };
    case 'shelve':
      return { effect: 'shelve', host, image: task.image };
    case 'snapshot':
      return { effect: 'snapshot', host, image: task.image };
    case 'revertResize':
      if (resize === null) return null;
      if (resize.source !== null) {
        return {
          effect: 'revertColdMigration',
          host: resize.source,
          from: host,
          start: resize.vmState !== 'stopped',
        };
      }
      return { effect: 'revertResize', host, flavor: resize.flavor, start: resize.vmState !== 'stopped' };
    case 'schedule':
    case 'migrate':
    case 'unshelve':
    case 'delete':
    case undefined:
      return null;
  }
}
