import { accept, refuse, type Decision } from '../shared/decision.ts';
import { impossible } from '../shared/impossible.ts';
import { flavorSnapshotOf, type FlavorSnapshot } from '../instance/boot-images.ts';
import type { Instant } from '../shared/ids.ts';

export type Flavor = FlavorSnapshot & {
  readonly description: string | null;
  readonly extraSpecs: Readonly<Record<string, string>>;
  /** Left out: everybody sees it. */
  readonly isPublic?: boolean;
};

/** A flavor as the log tells it. One that came from the configuration is recorded when it is first changed. */
export type FlavorEvent =
  | {
      readonly type: 'FlavorCreated';
      readonly flavor: FlavorSnapshot;
      readonly description: string | null;
      readonly extraSpecs: Readonly<Record<string, string>>;
      readonly isPublic: boolean;
      readonly at: Instant;
    }
  | { readonly type: 'FlavorDescribed'; readonly description: string | null; readonly at: Instant }
  | {
      readonly type: 'FlavorExtraSpecsReplaced';
      readonly extraSpecs: Readonly<Record<string, string>>;
      readonly at: Instant;
    }
  | { readonly type: 'FlavorDeleted'; readonly at: Instant };

export type FlavorState =
  | { readonly existence: 'absent' }
  | { readonly existence: 'present'; readonly flavor: Flavor }
  /** Also hides a configured flavor of that id. */
  | { readonly existence: 'deleted' };

/** `configured`: the flavor of that id in the configuration, which counts until the log knows one. */
export type FlavorCommand = { readonly configured: Flavor | null; readonly at: Instant } & (
  | { readonly type: 'CreateFlavor'; readonly flavor: Flavor }
  | { readonly type: 'DescribeFlavor'; readonly description: string | null }
  | { readonly type: 'SetExtraSpecs'; readonly extraSpecs: Readonly<Record<string, string>> }
  | { readonly type: 'RemoveExtraSpec'; readonly key: string }
  | { readonly type: 'DeleteFlavor' }
);

export type FlavorRefusal =
  | { readonly reason: 'FlavorExists'; readonly flavorId: string }
  | { readonly reason: 'FlavorUnknown' }
  | { readonly reason: 'ExtraSpecNotFound'; readonly key: string };

export const INITIAL_FLAVOR: FlavorState = { existence: 'absent' };

/** Pure; the configuration's flavor came in the command. */
export function decideFlavor(state: FlavorState, command: FlavorCommand): Decision<FlavorEvent, FlavorRefusal> {
  const { configured, at } = command;
  const flavor = state.existence === 'absent' ? configured : existing(state);
  if (command.type === 'CreateFlavor') {
    return flavor === null
      ? accept(created(command.flavor, at))
      : refuse({ reason: 'FlavorExists', flavorId: flavor.id });
  }
  if (flavor === null) return refuse({ reason: 'FlavorUnknown' });
  if (command.type === 'RemoveExtraSpec' && !Object.hasOwn(flavor.extraSpecs, command.key)) {
    return refuse({ reason: 'ExtraSpecNotFound', key: command.key });
  }
  const taken = state.existence === 'absent' ? [created(flavor, at)] : [];
  return accept(...taken, changed(flavor, command));
}

const existing = (state: FlavorState): Flavor | null => (state.existence === 'present' ? state.flavor : null);

function created({ description, extraSpecs, isPublic, ...flavor }: Flavor, at: Instant): FlavorEvent {
  const snapshot = flavorSnapshotOf(flavor);
  return { type: 'FlavorCreated', flavor: snapshot, description, extraSpecs, isPublic: isPublic ?? true, at };
}

function changed(flavor: Flavor, command: Exclude<FlavorCommand, { type: 'CreateFlavor' }>): FlavorEvent {
  const { at } = command;
  switch (command.type) {
    case 'DescribeFlavor':
      return { type: 'FlavorDescribed', description: command.description, at };
    case 'SetExtraSpecs':
      return { type: 'FlavorExtraSpecsReplaced', extraSpecs: { ...flavor.extraSpecs, ...command.extraSpecs }, at };
    case 'RemoveExtraSpec': {
      const kept = Object.entries(flavor.extraSpecs).filter(([key]) => key !== command.key);
      return { type: 'FlavorExtraSpecsReplaced', extraSpecs: Object.fromEntries(kept), at };
    }
    case 'DeleteFlavor':
      return { type: 'FlavorDeleted', at };
    default:
      return impossible(command, 'decideFlavor');
  }
}

/** Throws for a change to a flavor that no decision could have changed. */
export function evolveFlavor(state: FlavorState, event: FlavorEvent): FlavorState {
  if (event.type === 'FlavorCreated') {
    const { flavor, description, extraSpecs, isPublic } = event;
    return { existence: 'present', flavor: { ...flavor, description, extraSpecs, isPublic } };
  }
  if (state.existence !== 'present') throw new Error(`evolveFlavor: ${event.type} for a flavor that is not there`);
  if (event.type === 'FlavorDeleted') return { existence: 'deleted' };
  const change =
    event.type === 'FlavorDescribed' ? { description: event.description } : { extraSpecs: event.extraSpecs };
  return { existence: 'present', flavor: { ...state.flavor, ...change } };
}
