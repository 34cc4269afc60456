import { accept, refuse, type Decision } from '../shared/decision.ts';
import type { Instant, UserId } from '../shared/ids.ts';

/** What the API calls the type of a key pair. */
export type KeyPairType = 'ssh' | 'x509';

/** A user's public key. The private half is told once, at generation, and never comes here. */
export type KeyPairEvent =
  | {
      readonly type: 'KeyPairCreated';
      readonly userId: UserId;
      readonly name: string;
      readonly keyType: KeyPairType;
      readonly publicKey: string;
      readonly fingerprint: string;
      readonly at: Instant;
    }
  | { readonly type: 'KeyPairDeleted'; readonly at: Instant };

export type PresentKeyPair = Omit<Extract<KeyPairEvent, { type: 'KeyPairCreated' }>, 'type' | 'at'> & {
  readonly existence: 'present';
  readonly createdAt: Instant;
};
/** A name can be used again after its key pair was deleted. */
export type KeyPairState = { readonly existence: 'absent' } | PresentKeyPair;

export type KeyPairCommand =
  | ({ readonly type: 'CreateKeyPair'; readonly at: Instant } & Omit<PresentKeyPair, 'existence' | 'createdAt'>)
  | { readonly type: 'DeleteKeyPair'; readonly at: Instant };

export type KeyPairRefusal =
  { readonly reason: 'KeyPairExists'; readonly name: string } | { readonly reason: 'KeyPairNotFound' };

export const INITIAL_KEY_PAIR: KeyPairState = { existence: 'absent' };

/** Nova's `[quota] key_pairs`, for each user. */
export const KEY_PAIRS_MAX = 100;

/** Whether the user has too many is judged before: it is no question of one key pair. */
export function decideKeyPair(state: KeyPairState, command: KeyPairCommand): Decision<KeyPairEvent, KeyPairRefusal> {
  if (command.type === 'DeleteKeyPair') {
    return state.existence === 'absent'
      ? refuse({ reason: 'KeyPairNotFound' })
      : accept({ type: 'KeyPairDeleted', at: command.at });
  }
  if (state.existence === 'present') return refuse({ reason: 'KeyPairExists', name: command.name });
  return accept({ ...command, type: 'KeyPairCreated' });
}

/** The newest event says everything. */
export function evolveKeyPair(_state: KeyPairState, event: KeyPairEvent): KeyPairState {
  if (event.type === 'KeyPairDeleted') return INITIAL_KEY_PAIR;
  const { type: _type, at, ...keyPair } = event;
  return { ...keyPair, existence: 'present', createdAt: at };
}
