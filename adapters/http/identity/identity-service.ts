/** One of a user or a project, by the one or by the other; names count within the one domain there is. */
export type Reference = { readonly id: string } | { readonly name: string };

export type TokenRequest = {
  readonly credential:
    | { readonly method: 'password'; readonly user: Reference; readonly password: string }
    | { readonly method: 'token'; readonly token: string };
  /** Null: a token for no project, which lists the projects of its user and can do nothing else. */
  readonly project: Reference | null;
  /** Of the client, for the bound on failed attempts. */
  readonly address: string;
};

export type NamedId = { readonly id: string; readonly name: string };

export type TokenFacts = {
  readonly user: NamedId;
  readonly project: NamedId | null;
  /** With the roles that they imply. */
  readonly roles: readonly NamedId[];
  readonly methods: readonly ('password' | 'token')[];
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  /** Names the token in logs, where the token itself must not stand. */
  readonly auditId: string;
};

export type TokenAnswer =
  | { readonly answer: 'issued'; readonly token: string; readonly facts: TokenFacts }
  /** Wrong user, password, token or project: a client is not told which. */
  | { readonly answer: 'refused' }
  /** Too many wrong passwords for this user from this address, or too many attempts at one time. */
  | { readonly answer: 'tooMany'; readonly retryAfterSeconds: number };

export type CatalogService = {
  readonly type: string;
  readonly name: string;
  /** Absolute, or a path of this server such as `/v2.1`. */
  readonly url: string;
};

export type UserRow = NamedId & {
  readonly projects: readonly { readonly project: NamedId; readonly roles: readonly NamedId[] }[];
};

/** What `/v3` shows and changes. Nothing of it waits for another machine. */
export interface IdentityService {
  issue(request: TokenRequest): Promise<TokenAnswer>;
  /** Null for a token that is unknown, expired or revoked. */
  token(text: string): TokenFacts | null;
  revoke(text: string): void;
  users(): readonly UserRow[];
  directory(): {
    readonly region: string;
    readonly projects: readonly NamedId[];
    readonly roles: readonly NamedId[];
    readonly services: readonly CatalogService[];
  };
}

/** There is one domain, which is Keystone's own first one. */
export const DEFAULT_DOMAIN: NamedId = { id: 'default', name: 'Default' };
