import type { Clock } from '../../application/ports/clock.ts';
import { askKeystone } from './keystone-connection.ts';
import { parseKeystoneToken } from './keystone-token-schema.ts';

/** A token is renewed before it ends, so that no question is asked with one that ends on the way. */
const RENEW_BEFORE_END_MS = 60_000;
/** After a refusal, so that a wrong password does not lock the service user out of Keystone. */
export const REFUSED_PAUSE_MS = 10_000;

export type ServiceUser = {
  readonly authUrl: string;
  readonly username: string;
  /** Asked before every new token, so that a password that is changed in place is the one that is sent. */
  readonly password: () => Promise<string>;
  readonly projectName: string;
  readonly userDomainName: string;
  readonly projectDomainName: string;
  readonly clock: Clock;
  /** For one request to Keystone, headers and body; the default is REQUEST_DEADLINE_MS. */
  readonly deadlineMs?: number;
};

export type ServiceTokenAnswer =
  { readonly answer: 'token'; readonly token: string } | { readonly answer: 'failed'; readonly reason: string };

/** The token this server itself has: who asks Keystone about a token must have one. */
export class ServiceToken {
  readonly #user: ServiceUser;
  #current: { readonly token: string; readonly renewAtMs: number } | null = null;
  #asking: Promise<ServiceTokenAnswer> | null = null;
  #refused: { readonly untilMs: number; readonly reason: string } | null = null;

  constructor(user: ServiceUser) {
    this.#user = user;
  }

  /** One request to Keystone at a time, whoever waits for it. */
  async get(): Promise<ServiceTokenAnswer> {
    const nowMs = this.#now();
    if (this.#current !== null && nowMs < this.#current.renewAtMs) {
      return { answer: 'token', token: this.#current.token };
    }
    if (this.#refused !== null && nowMs < this.#refused.untilMs) {
      return { answer: 'failed', reason: this.#refused.reason };
    }
    this.#asking ??= this.#ask().finally(() => (this.#asking = null));
    return this.#asking;
  }

  /** Keystone no longer takes this one. */
  discard(token: string): void {
    if (this.#current?.token === token) this.#current = null;
  }

  async #ask(): Promise<ServiceTokenAnswer> {
    const body = await this.#body();
    if (body === null) return { answer: 'failed', reason: 'the password file of the service user cannot be read' };
    const request = { method: 'POST', path: '/auth/tokens', headers: {}, body } as const;
    const answer = await askKeystone(this.#user.authUrl, request, this.#user.deadlineMs);
    if (answer.answer === 'failed') return answer;
    const token = answer.headers.get('x-subject-token');
    const described = parseKeystoneToken(answer.json);
    if (answer.status !== 201 || token === null || described === null) {
      const reason = `Keystone answered ${answer.status} to the service user ${this.#user.username}`;
      this.#refused = { untilMs: this.#now() + REFUSED_PAUSE_MS, reason };
      return { answer: 'failed', reason };
    }
    this.#current = { token, renewAtMs: described.expiresAtMs - RENEW_BEFORE_END_MS };
    return { answer: 'token', token };
  }

  async #body(): Promise<string | null> {
    const { username, projectName, userDomainName, projectDomainName } = this.#user;
    try {
      const user = { name: username, domain: { name: userDomainName }, password: await this.#user.password() };
      const scope = { project: { name: projectName, domain: { name: projectDomainName } } };
      return JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } }, scope } });
    } catch {
      return null;
    }
  }

  #now(): number {
    return Date.parse(this.#user.clock.now());
  }
}
