import { accept, refuse, type Decision } from '../shared/decision.ts';
import { impossible } from '../shared/impossible.ts';
import type { ImageId } from '../shared/ids.ts';
import type { InstanceRefusal } from './instance-commands.ts';
import { METADATA_ITEMS_MAX, TAGS_MAX, type InstanceDetails } from './instance-details.ts';
import type { InstanceEvent } from './instance-events.ts';
import type { PresentInstance } from './instance-state.ts';
import type {
  ChangeMetadata,
  ChangeTags,
  Rebuild,
  Resize,
  ServerChangeCommand,
  UpdateInstance,
} from './server-change-commands.ts';
import { refuseInState } from './state-check.ts';
import { VM_STATES_FOR_CHANGE } from './vm-states-for-change.ts';

type ServerChangeDecision = Decision<InstanceEvent, InstanceRefusal>;

/** Nova's sentence where no agent of the hypervisor runs inside of the guest. */
const NOTHING_REACHES_THE_GUEST = 'QEMU guest agent is not enabled';

/** Answers what owners change about a server. Writing about it is stopped by a lock only (nova.md C.7). */
export function decideServerChange(state: PresentInstance, command: ServerChangeCommand): ServerChangeDecision {
  const { initiator, at, callerIsAdmin } = command;
  switch (command.type) {
    case 'UpdateInstance':
      return accept(...update(state, command));
    case 'ChangeMetadata':
      return unlessLocked(state, command, changeMetadata);
    case 'ChangeTags':
      return changeTags(state, command);
    case 'Rebuild':
      return rebuild(state, command);
    case 'Resize':
      return resize(state, command);
    case 'ColdMigrate':
      return inState(
        state,
        { action: 'migrate', callerIsAdmin },
        { type: 'ColdMigrationRequested', destination: command.destination, initiator, at },
      );
    case 'ConfirmResize':
      return inState(
        state,
        { action: 'confirmResize', callerIsAdmin },
        { type: hasCopyToClear(state) ? 'ResizeConfirmRequested' : 'ResizeConfirmed', initiator, at },
      );
    case 'Shelve':
      return inState(
        state,
        { action: 'shelve', callerIsAdmin },
        { type: 'ShelveRequested', image: shelvedImage(state, command.imageId), initiator, at },
      );
    case 'Unshelve':
      return inState(
        state,
        { action: 'unshelve', callerIsAdmin },
        { type: 'UnshelveRequested', host: command.host, initiator, at },
      );
    case 'RevertResize':
      return inState(
        state,
        { action: 'revertResize', callerIsAdmin },
        { type: 'ResizeRevertRequested', initiator, at },
      );
    case 'CreateImage':
      // As in Nova: a lock is against changes of the server, and this is none.
      return inState(
        state,
        { action: 'createImage', callerIsAdmin: true },
        { type: 'SnapshotRequested', image: command.image, initiator, at },
      );
    case 'ChangeAdminPassword':
      return inState(
        state,
        { action: 'changePassword', callerIsAdmin },
        { type: 'AdminPasswordChangeFailed', reason: NOTHING_REACHES_THE_GUEST, initiator, at },
      );
    default:
      return impossible(command, 'decideServerChange');
  }
}

const hasCopyToClear = ({ resize: move }: PresentInstance): boolean => move !== null && move.source !== null;

/** Nova's name for it, which clients look for. */
const shelvedImage = ({ name }: PresentInstance, imageId: ImageId) => ({ imageId, name: `${name}-shelved` });

type Checked = { readonly action: keyof typeof VM_STATES_FOR_CHANGE; readonly callerIsAdmin: boolean };

function inState(
  state: PresentInstance,
  { action, callerIsAdmin }: Checked,
  ...events: readonly InstanceEvent[]
): ServerChangeDecision {
  const refusal = refuseInState(state, { action, allowed: VM_STATES_FOR_CHANGE[action], callerIsAdmin });
  return refusal === null ? accept(...events) : refuse(refusal);
}

function unlessLocked<Command extends { readonly callerIsAdmin: boolean }>(
  state: PresentInstance,
  command: Command,
  decide: (state: PresentInstance, command: Command) => ServerChangeDecision,
): ServerChangeDecision {
  return state.locked && !command.callerIsAdmin
    ? refuse({ reason: 'InstanceLocked', instanceId: state.instanceId })
    : decide(state, command);
}

function update(
  state: PresentInstance,
  { name, details, initiator, at }: Pick<UpdateInstance, 'name' | 'details' | 'initiator' | 'at'>,
): readonly InstanceEvent[] {
  const next: InstanceDetails = { ...state.details, ...details };
  if ((name ?? state.name) === state.name && JSON.stringify(next) === JSON.stringify(state.details)) return [];
  return [{ type: 'InstanceUpdated', name: name ?? state.name, details: next, initiator, at }];
}

function changeMetadata(state: PresentInstance, { wanted, initiator, at }: ChangeMetadata): ServerChangeDecision {
  if (wanted.change === 'remove' && !Object.hasOwn(state.metadata, wanted.key)) {
    return refuse({ reason: 'MetadataItemNotFound' });
  }
  const metadata = metadataAfter(state.metadata, wanted);
  if (Object.keys(metadata).length > METADATA_ITEMS_MAX) return refuse({ reason: 'TooManyMetadataItems' });
  return accept({ type: 'InstanceMetadataReplaced', metadata, initiator, at });
}

function metadataAfter(
  before: Readonly<Record<string, string>>,
  wanted: ChangeMetadata['wanted'],
): Readonly<Record<string, string>> {
  if (wanted.change === 'remove')
    return Object.fromEntries(Object.entries(before).filter(([key]) => key !== wanted.key));
  return wanted.change === 'merge' ? { ...before, ...wanted.items } : wanted.items;
}

function changeTags(state: PresentInstance, { wanted, initiator, at }: ChangeTags): ServerChangeDecision {
  if (wanted.change === 'remove' && !state.tags.includes(wanted.tag)) {
    return refuse({ reason: 'TagNotFound', tag: wanted.tag });
  }
  if (wanted.change === 'add' && state.tags.includes(wanted.tag)) return accept();
  const tags = tagsAfter(state.tags, wanted);
  return tags.length > TAGS_MAX
    ? refuse({ reason: 'TooManyTags' })
    : accept({ type: 'InstanceTagsReplaced', tags, initiator, at });
}

function tagsAfter(before: readonly string[], wanted: ChangeTags['wanted']): readonly string[] {
  if (wanted.change === 'replace') return [...new Set(wanted.tags)];
  return wanted.change === 'add' ? [...before, wanted.tag] : before.filter((tag) => tag !== wanted.tag);
}

function rebuild(state: PresentInstance, command: Rebuild): ServerChangeDecision {
  const { images, metadata, guestData, initiator, at, callerIsAdmin } = command;
  const before = { keyName: state.options.keyName, userData: state.userData };
  return inState(
    state,
    { action: 'rebuild', callerIsAdmin },
    ...update(state, command),
    ...(metadata === null ? [] : [{ type: 'InstanceMetadataReplaced', metadata, initiator, at } as const]),
    ...(guestData === undefined
      ? []
      : [{ type: 'GuestDataReplaced', ...before, ...guestData, initiator, at } as const]),
    { type: 'RebuildRequested', images, initiator, at },
  );
}

function resize(
  state: PresentInstance,
  { flavor, details = {}, initiator, at, callerIsAdmin }: Resize,
): ServerChangeDecision {
  const checked = inState(
    state,
    { action: 'resize', callerIsAdmin },
    ...update(state, { name: null, details, initiator, at }),
    { type: 'ResizeRequested', flavor, initiator, at },
  );
  return checked.accepted && flavor.id === state.flavor.id ? refuse({ reason: 'FlavorUnchanged' }) : checked;
}
