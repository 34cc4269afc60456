import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Identity, IdentityAnswer } from '../http/identity.ts';
import { BoundedCache } from './bounded-cache.ts';
import { askKeystone } from './keystone-connection.ts';
import { parseKeystoneToken, type KeystoneToken } from './keystone-token-schema.ts';
import { ServiceToken, type ServiceUser } from './service-token.ts';
import { callerOf, tokenIn } from './token-caller.ts';

const MS_PER_SECOND = 1000;
export const TOKENS_CACHED_MAX = 10_000;
/** Apart from the valid ones: who sends nonsense must not push those out. */
export const REFUSED_TOKENS_CACHED_MAX = 1000;
const REFUSED_CACHE_MS = 10_000;
/** At one time. More would only wait in Keystone. */
export const QUESTIONS_MAX = 64;

export type KeystoneIdentityOptions = ServiceUser & {
  /** Where clients find Keystone, for the 401. */
  readonly publicUrl: string;
  /** How long an answer is believed, and therefore how long a revoked token may still work. 0: every time anew. */
  readonly cacheSeconds: number;
};

type Checked =
  | { readonly answer: 'valid'; readonly token: KeystoneToken }
  | { readonly answer: 'invalid' }
  | { readonly answer: 'unavailable'; readonly reason: string };

/** Asks a Keystone who has a token, as keystonemiddleware does. */
export class KeystoneIdentity implements Identity {
  readonly #options: KeystoneIdentityOptions;
  readonly #service: ServiceToken;
  readonly #valid = new BoundedCache<KeystoneToken>(TOKENS_CACHED_MAX);
  readonly #refused = new BoundedCache<true>(REFUSED_TOKENS_CACHED_MAX);
  /** Many requests with one token ask once. */
  readonly #asking = new Map<string, Promise<Checked>>();

  constructor(options: KeystoneIdentityOptions) {
    this.#options = options;
    this.#service = new ServiceToken(options);
  }

  async authenticate(headers: Readonly<IncomingHttpHeaders>): Promise<IdentityAnswer> {
    const token = tokenIn(headers);
    const checked = token === null ? ({ answer: 'invalid' } as const) : await this.#check(token);
    if (checked.answer === 'unavailable') return checked;
    // However fresh the answer: a token that has ended in the meantime is none.
    if (checked.answer === 'invalid' || this.#now() >= checked.token.expiresAtMs) {
      return { answer: 'unauthenticated', challenge: `Keystone uri="${this.#options.publicUrl}"` };
    }
    const { userId, projectId, roles } = checked.token;
    return { answer: 'authenticated', caller: callerOf(userId, projectId, roles) };
  }

  async #check(token: string): Promise<Checked> {
    const key = createHash('sha256').update(token).digest('base64url');
    const nowMs = this.#now();
    const known = this.#valid.get(key, nowMs);
    if (known !== null) return { answer: 'valid', token: known };
    if (this.#refused.get(key, nowMs) !== null) return { answer: 'invalid' };
    const asked = this.#asking.get(key);
    if (asked !== undefined) return asked;
    if (this.#asking.size >= QUESTIONS_MAX) {
      return { answer: 'unavailable', reason: `${QUESTIONS_MAX} questions to Keystone are not answered yet` };
    }
    const asking = this.#ask(token, key).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asking);
    return asking;
  }

  async #ask(token: string, key: string): Promise<Checked> {
    const checked = await this.#question(token);
    const cacheMs = this.#options.cacheSeconds * MS_PER_SECOND;
    const nowMs = this.#now();
    if (checked.answer === 'valid') {
      this.#valid.set(key, checked.token, Math.min(nowMs + cacheMs, checked.token.expiresAtMs));
    } else if (checked.answer === 'invalid') {
      this.#refused.set(key, true, nowMs + Math.min(REFUSED_CACHE_MS, cacheMs));
    }
    return checked;
  }

  async #question(token: string): Promise<Checked> {
    const first = await this.#askOnce(token);
    // The service's own token may have been revoked, or its connection closed: that must not cost the client its own.
    return first.answer === 'again' ? unlessAgain(await this.#askOnce(token)) : first;
  }

  async #askOnce(token: string): Promise<Checked | { readonly answer: 'again'; readonly reason: string }> {
    const service = await this.#service.get();
    if (service.answer === 'failed') return { answer: 'unavailable', reason: service.reason };
    const headers = { 'x-auth-token': service.token, 'x-subject-token': token };
    const request = { method: 'GET', path: '/auth/tokens?nocatalog', headers, body: null } as const;
    const answer = await askKeystone(this.#options.authUrl, request, this.#options.deadlineMs);
    if (answer.answer === 'failed') return { answer: 'again', reason: answer.reason };
    switch (answer.status) {
      case 200: {
        const described = parseKeystoneToken(answer.json);
        if (described !== null) return { answer: 'valid', token: described };
        return { answer: 'unavailable', reason: 'Keystone described a token in a way that cannot be used' };
      }
      case 404:
        // Keystone's own: a proxy's or a wrong address's 404 must not throw good tokens away.
        return isKeystonesOwn(answer.json)
          ? { answer: 'invalid' }
          : { answer: 'unavailable', reason: `nobody at ${this.#options.authUrl} knows tokens` };
      case 401:
        this.#service.discard(service.token);
        return { answer: 'again', reason: 'Keystone answered 401 to the service user' };
      default:
        return { answer: 'unavailable', reason: `Keystone answered ${answer.status} to a question about a token` };
    }
  }

  #now(): number {
    return Date.parse(this.#options.clock.now());
  }
}

function unlessAgain(answer: Checked | { readonly answer: 'again'; readonly reason: string }): Checked {
  return answer.answer === 'again' ? { answer: 'unavailable', reason: answer.reason } : answer;
}

function isKeystonesOwn(json: unknown): boolean {
  const error: unknown = typeof json === 'object' && json !== null ? Reflect.get(json, 'error') : null;
  return typeof error === 'object' && error !== null && Reflect.get(error, 'code') === 404;
}
