import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';

const SERVICE_PASSWORD = 'service secret';

export type KnownToken = {
  readonly user: string;
  readonly project: string | null;
  readonly roles: readonly string[];
  readonly expiresAt: string;
};

/** What goes wrong with the next answers to questions about tokens. */
export type KeystoneFault =
  | { readonly fault: 'status'; readonly status: number; readonly body: string }
  | { readonly fault: 'silent' }
  | { readonly fault: 'reset' };

/** Enough of Keystone for the client under test to be the real one: node:http, on a port of its own. */
export class KeystoneProtocolServer {
  readonly password = SERVICE_PASSWORD;
  readonly tokens = new Map<string, KnownToken>();
  /** Questions about tokens, and passwords given for one, in order. */
  readonly questions: string[] = [];
  logins = 0;
  serviceTokenExpiresAt = '2026-01-02T00:00:00.000000Z';
  readonly #server: Server;
  readonly #faults: KeystoneFault[] = [];
  #serviceToken = 'none yet';
  #held: (() => void)[] | null = null;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<KeystoneProtocolServer> {
    const started = new KeystoneProtocolServer();
    started.#server.listen(0, '127.0.0.1');
    await once(started.#server, 'listening');
    return started;
  }

  get authUrl(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the server is not listening');
    return `http://127.0.0.1:${address.port}/v3`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  script(...faults: readonly KeystoneFault[]): void {
    this.#faults.push(...faults);
  }

  /** As after a restart of Keystone with new keys: whoever has the service's token must get another. */
  revokeServiceToken(): void {
    this.#serviceToken = 'revoked';
  }

  /** Questions are not answered until the returned function is called. */
  hold(): () => void {
    this.#held = [];
    return () => {
      const waiting = this.#held ?? [];
      this.#held = null;
      for (const go of waiting) go();
    };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const body = Buffer.concat(chunks).toString('utf8');
    if (request.method === 'POST') return this.#login(body, response);
    this.questions.push(String(request.headers['x-subject-token']));
    const held = this.#held;
    if (held !== null) await new Promise<void>((resolve) => held.push(resolve));
    const fault = this.#faults.shift() ?? null;
    if (fault?.fault === 'silent') return;
    if (fault?.fault === 'reset') return void request.socket.destroy();
    if (fault?.fault === 'status') return end(response, fault.status, fault.body);
    if (request.headers['x-auth-token'] !== this.#serviceToken) return end(response, 401, faultBody(401));
    const known = this.tokens.get(String(request.headers['x-subject-token']));
    return known === undefined
      ? end(response, 404, faultBody(404))
      : end(response, 200, JSON.stringify({ token: described(known) }));
  }

  #login(body: string, response: ServerResponse): void {
    this.logins += 1;
    if (!body.includes(JSON.stringify(SERVICE_PASSWORD))) return end(response, 401, faultBody(401));
    this.#serviceToken = `service-token-${this.logins}`;
    response.setHeader('x-subject-token', this.#serviceToken);
    const token = described({
      user: 'nova',
      project: 'service',
      roles: ['service'],
      expiresAt: this.serviceTokenExpiresAt,
    });
    return end(response, 201, JSON.stringify({ token }));
  }
}

function described({ user, project, roles, expiresAt }: KnownToken): object {
  return {
    methods: ['password'],
    user: { id: user, name: user, domain: { id: 'default', name: 'Default' } },
    ...(project === null ? { system: { all: true } } : { project: { id: project, name: project } }),
    roles: roles.map((name) => ({ id: name, name })),
    issued_at: '2026-01-01T00:00:00.000000Z',
    expires_at: expiresAt,
    audit_ids: ['audit'],
  };
}

const faultBody = (code: number): string => JSON.stringify({ error: { code, message: 'no', title: 'no' } });

function end(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}
