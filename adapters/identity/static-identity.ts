import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../../application/ports/clock.ts';
import { Slots } from '../../application/slots.ts';
import type { Identity, IdentityAnswer } from '../http/identity.ts';
import type {
  IdentityService,
  Reference,
  TokenAnswer,
  TokenFacts,
  TokenRequest,
  UserRow,
} from '../http/identity/identity-service.ts';
import { FailedAttempts } from './failed-attempts.ts';
import type { IdentityDirectory, StaticUser } from './identity-file.ts';
import { auditIdOf, IssuedTokens, type IssuedToken } from './issued-tokens.ts';
import { verifyPassword } from './password-hash.ts';
import { callerOf, tokenIn } from './token-caller.ts';

const MS_PER_SECOND = 1000;
/** Each takes a thread, 32 MiB and 0.1 s. */
const PASSWORD_CHECKS_MAX = 2;
/** Behind those that run. Who comes later is told to wait, instead of being kept waiting. */
export const PASSWORD_CHECKS_WAITING_MAX = 32;
const BUSY_RETRY_SECONDS = 5;
/** Checked for a user that does not exist, so that the time to an answer does not tell who does. */
const NOBODYS_HASH = '$scrypt$ln=15,r=8,p=1$bm9ib2R5LW5vYm9keQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

export type StaticIdentityOptions = {
  readonly directory: IdentityDirectory;
  readonly tokenSeconds: number;
  /** Where clients reach this server, for the 401; null: what they used themselves. */
  readonly linkPrefix: string | null;
  readonly clock: Clock;
};

/** Users, projects and roles from a file, and tokens in memory: an identity service for a cloud without Keystone. */
export class StaticIdentity implements Identity, IdentityService {
  #directory: IdentityDirectory;
  readonly #options: StaticIdentityOptions;
  readonly #tokens = new IssuedTokens();
  readonly #failures = new FailedAttempts();
  readonly #slots = new Slots(PASSWORD_CHECKS_MAX);
  #checks = 0;

  constructor(options: StaticIdentityOptions) {
    this.#options = options;
    this.#directory = options.directory;
  }

  /** From now on. Tokens of users who are gone, or whose password or roles have changed, follow at once. */
  useDirectory(directory: IdentityDirectory): void {
    this.#directory = directory;
  }

  async authenticate(headers: Readonly<IncomingHttpHeaders>): Promise<IdentityAnswer> {
    const token = tokenIn(headers);
    const issued = token === null ? null : this.#tokens.find(token, this.#now());
    const granted = issued === null ? null : this.#grantOf(issued);
    if (granted === null) return { answer: 'unauthenticated', challenge: this.#challenge(headers) };
    const roles = granted.roles.map(({ name }) => name);
    return { answer: 'authenticated', caller: callerOf(granted.user.id, granted.project?.id ?? null, roles) };
  }

  async issue(request: TokenRequest): Promise<TokenAnswer> {
    const answer =
      request.credential.method === 'password'
        ? await this.#withPassword(request.credential, request.address)
        : this.#withToken(request.credential.token);
    if (answer.answer !== 'known') return answer;
    const { user, expiresAtMs, methods } = answer;
    const project = request.project === null ? null : projectOf(user, request.project);
    if (project === undefined) return { answer: 'refused' };
    const issued: IssuedToken = {
      userId: user.id,
      projectId: project?.id ?? null,
      passwordHash: user.passwordHash,
      methods,
      issuedAtMs: this.#now(),
      expiresAtMs,
    };
    const token = this.#tokens.add(issued);
    const facts = this.#factsOf(token, issued);
    return facts === null ? { answer: 'refused' } : { answer: 'issued', token, facts };
  }

  token(text: string): TokenFacts | null {
    const issued = this.#tokens.find(text, this.#now());
    return issued === null ? null : this.#factsOf(text, issued);
  }

  revoke(text: string): void {
    this.#tokens.remove(text);
  }

  users(): readonly UserRow[] {
    return this.#directory.users;
  }

  directory() {
    return this.#directory;
  }

  async #withPassword(
    { user: reference, password }: Extract<TokenRequest['credential'], { method: 'password' }>,
    address: string,
  ): Promise<Known | TokenAnswer> {
    const attempt = `${address} ${'id' in reference ? `id ${reference.id}` : `name ${reference.name}`}`;
    const waitMs = this.#failures.waitMs(attempt, this.#now());
    if (waitMs > 0) return { answer: 'tooMany', retryAfterSeconds: Math.ceil(waitMs / MS_PER_SECOND) };
    if (this.#checks >= PASSWORD_CHECKS_MAX + PASSWORD_CHECKS_WAITING_MAX) {
      return { answer: 'tooMany', retryAfterSeconds: BUSY_RETRY_SECONDS };
    }
    const user = this.#directory.users.find((one) => isMeant(one, reference)) ?? null;
    const isRight = await this.#check(password, user?.passwordHash ?? NOBODYS_HASH);
    if (user === null || !isRight) {
      this.#failures.failed(attempt, this.#now());
      return { answer: 'refused' };
    }
    const expiresAtMs = this.#now() + this.#options.tokenSeconds * MS_PER_SECOND;
    return { answer: 'known', user, expiresAtMs, methods: ['password'] };
  }

  /** A token for another project lives no longer than the one it was got with. */
  #withToken(token: string): Known | TokenAnswer {
    const issued = this.#tokens.find(token, this.#now());
    const user = issued === null ? null : this.#userOf(issued);
    if (issued === null || user === null) return { answer: 'refused' };
    const methods = [...new Set([...issued.methods, 'token' as const])];
    return { answer: 'known', user, expiresAtMs: issued.expiresAtMs, methods };
  }

  async #check(password: string, hash: string): Promise<boolean> {
    this.#checks += 1;
    try {
      return await this.#slots.hold('password', () => verifyPassword(password, hash));
    } finally {
      this.#checks -= 1;
    }
  }

  #factsOf(token: string, issued: IssuedToken): TokenFacts | null {
    const granted = this.#grantOf(issued);
    if (granted === null) return null;
    const { methods, issuedAtMs, expiresAtMs } = issued;
    return { ...granted, methods, issuedAtMs, expiresAtMs, auditId: auditIdOf(token) };
  }

  /** Null where the file no longer says that this user may have this token. */
  #grantOf(issued: IssuedToken): Pick<TokenFacts, 'user' | 'project' | 'roles'> | null {
    const user = this.#userOf(issued);
    if (user === null) return null;
    const { id, name } = user;
    if (issued.projectId === null) return { user: { id, name }, project: null, roles: [] };
    const granted = user.projects.find(({ project }) => project.id === issued.projectId);
    return granted === undefined ? null : { user: { id, name }, project: granted.project, roles: granted.roles };
  }

  #userOf({ userId: id, passwordHash }: IssuedToken): StaticUser | null {
    const user = this.#directory.users.find((one) => one.id === id);
    return user?.passwordHash === passwordHash ? user : null;
  }

  #challenge({ host }: Readonly<IncomingHttpHeaders>): string {
    // A name with a quote in it would end the header's own.
    const used = /^[\w.:[\]-]{1,255}$/.test(host ?? '') ? host : 'localhost';
    return `Keystone uri="${this.#options.linkPrefix ?? `http://${used}`}/v3"`;
  }

  #now(): number {
    return Date.parse(this.#options.clock.now());
  }
}

type Known = {
  readonly answer: 'known';
  readonly user: StaticUser;
  readonly expiresAtMs: number;
  readonly methods: readonly ('password' | 'token')[];
};

const isMeant = (row: { readonly id: string; readonly name: string }, reference: Reference): boolean =>
  'id' in reference ? row.id === reference.id : row.name === reference.name;

/** Undefined where the user has no role in it, which is the same to a client as that there is no such project. */
const projectOf = ({ projects }: StaticUser, reference: Reference) =>
  projects.find(({ project }) => isMeant(project, reference))?.project;
