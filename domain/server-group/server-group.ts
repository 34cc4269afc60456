import { accept, refuse, type Decision } from '../shared/decision.ts';
import type { Instant, ServerGroupId } from '../shared/ids.ts';
import type { Initiator } from '../shared/initiator.ts';

export const SERVER_GROUP_POLICIES = ['affinity', 'anti-affinity', 'soft-affinity', 'soft-anti-affinity'] as const;
export type ServerGroupPolicy = (typeof SERVER_GROUP_POLICIES)[number];

/** Its members are the servers that name it at their creation; they are no part of its history. */
export type ServerGroupEvent =
  | {
      readonly type: 'ServerGroupCreated';
      readonly serverGroupId: ServerGroupId;
      readonly name: string;
      readonly policy: ServerGroupPolicy;
      /** Only for `anti-affinity`; null: one. */
      readonly maxServerPerHost: number | null;
      readonly initiator: Initiator;
      readonly at: Instant;
    }
  | { readonly type: 'ServerGroupDeleted'; readonly at: Instant };

export type PresentServerGroup = Omit<Extract<ServerGroupEvent, { type: 'ServerGroupCreated' }>, 'type' | 'at'> & {
  readonly existence: 'present';
  readonly createdAt: Instant;
};
export type ServerGroupState =
  | { readonly existence: 'absent' }
  | PresentServerGroup
  | { readonly existence: 'deleted'; readonly deletedAt: Instant };

export type ServerGroupCommand =
  | ({ readonly type: 'CreateServerGroup'; readonly at: Instant } & Omit<PresentServerGroup, 'existence' | 'createdAt'>)
  | { readonly type: 'DeleteServerGroup'; readonly at: Instant };

export type ServerGroupRefusal = { readonly reason: 'ServerGroupNotFound' };

export const INITIAL_SERVER_GROUP: ServerGroupState = { existence: 'absent' };

/** Nova's `[quota] server_groups` of a project, and `server_group_members` of a group. */
export const SERVER_GROUPS_MAX = 10;
export const SERVER_GROUP_MEMBERS_MAX = 10;

/** Whether the project has too many is judged before: it is no question of one group. */
export function decideServerGroup(
  state: ServerGroupState,
  command: ServerGroupCommand,
): Decision<ServerGroupEvent, ServerGroupRefusal> {
  if (command.type === 'CreateServerGroup') {
    // The id is made for this request, so it can only be told twice.
    return state.existence === 'absent' ? accept({ ...command, type: 'ServerGroupCreated' }) : accept();
  }
  return state.existence === 'present'
    ? accept({ type: 'ServerGroupDeleted', at: command.at })
    : refuse({ reason: 'ServerGroupNotFound' });
}

/** The newest event says everything. */
export function evolveServerGroup(_state: ServerGroupState, event: ServerGroupEvent): ServerGroupState {
  if (event.type === 'ServerGroupDeleted') return { existence: 'deleted', deletedAt: event.at };
  const { type: _type, at, ...group } = event;
  return { ...group, existence: 'present', createdAt: at };
}
