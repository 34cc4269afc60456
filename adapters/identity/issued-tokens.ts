import { createHash, hash, randomBytes } from 'node:crypto';

/** Clients ask for a token for each command; a thousand at one time is more than a person uses. */
export const TOKENS_OF_A_USER_MAX = 1000;
export const TOKENS_MAX = 100_000;
const TOKEN_BYTES = 48;
const TOKEN_CHARACTERS_MAX = 255;
const AUDIT_ID_CHARACTERS = 22;

export type IssuedToken = {
  readonly userId: string;
  readonly projectId: string | null;
  /** The password hash it was issued by: a changed password ends it. */
  readonly passwordHash: string;
  readonly methods: readonly ('password' | 'token')[];
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
};

/**
 * Tokens in memory, by their hash: finding one compares no secret, so its time tells nothing, and a dump of the memory
 * holds none that works. A restart ends them all, and clients ask for new ones by themselves.
 */
export class IssuedTokens {
  readonly #tokens = new Map<string, IssuedToken>();
  readonly #ofUser = new Map<string, Set<string>>();

  /** The oldest token of the user, or of all, gives way when there are too many. */
  add(issued: IssuedToken): string {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const key = keyOf(token);
    const ofUser = this.#ofUser.get(issued.userId) ?? new Set<string>();
    this.#ofUser.set(issued.userId, ofUser.add(key));
    this.#tokens.set(key, issued);
    this.#removeExpired(issued.issuedAtMs);
    if (ofUser.size > TOKENS_OF_A_USER_MAX) this.#removeFirst(ofUser.keys());
    if (this.#tokens.size > TOKENS_MAX) this.#removeFirst(this.#tokens.keys());
    return token;
  }

  find(token: string, nowMs: number): IssuedToken | null {
    const issued = token.length > TOKEN_CHARACTERS_MAX ? undefined : this.#tokens.get(keyOf(token));
    return issued === undefined || nowMs >= issued.expiresAtMs ? null : issued;
  }

  remove(token: string): void {
    this.#remove(keyOf(token));
  }

  /** Tokens end about in the order in which they were issued, so it suffices to look at the first ones. */
  #removeExpired(nowMs: number): void {
    for (const [key, { expiresAtMs }] of this.#tokens) {
      if (nowMs < expiresAtMs) return;
      this.#remove(key);
    }
  }

  #removeFirst(keys: Iterator<string>): void {
    const first = keys.next();
    if (first.done !== true) this.#remove(first.value);
  }

  #remove(key: string): void {
    const issued = this.#tokens.get(key);
    if (issued === undefined) return;
    this.#tokens.delete(key);
    const ofUser = this.#ofUser.get(issued.userId);
    ofUser?.delete(key);
    if (ofUser?.size === 0) this.#ofUser.delete(issued.userId);
  }
}

/** Names a token in logs and documents, and cannot be used as one. */
export function auditIdOf(token: string): string {
  return createHash('sha256').update(`audit ${token}`).digest('base64url').slice(0, AUDIT_ID_CHARACTERS);
}

/** For every request: without the object that a hash in parts needs. */
const keyOf = (token: string): string => hash('sha256', token, 'base64url');
