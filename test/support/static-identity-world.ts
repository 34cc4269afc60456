import type { LightMyRequestResponse } from 'fastify';
import { parseIdentityFile, type IdentityDirectory } from '../../adapters/identity/identity-file.ts';
import { StaticIdentity } from '../../adapters/identity/static-identity.ts';
import { SimulatedClock } from '../../adapters/simulated/simulated-clock.ts';
import { ComputeApiWorld } from './compute-api-world.ts';
import { PASSWORD, sampleIdentityFile } from './identity-files.ts';

export const TOKEN_SECONDS = 3600;

/** The whole API with the built-in identity service before it, on a clock of its own. */
export class StaticIdentityWorld {
  readonly clock = new SimulatedClock();
  readonly identity: StaticIdentity;
  readonly api: ComputeApiWorld;

  private constructor(directory: IdentityDirectory) {
    const { clock } = this;
    this.identity = new StaticIdentity({ directory, tokenSeconds: TOKEN_SECONDS, linkPrefix: null, clock });
    this.api = new ComputeApiWorld({ linkPrefix: null, identity: this.identity, identityService: this.identity });
  }

  static async open(): Promise<StaticIdentityWorld> {
    return new StaticIdentityWorld(directoryOf(sampleIdentityFile()));
  }

  useFile(file: object): void {
    this.identity.useDirectory(directoryOf(file));
  }

  /** `POST /v3/auth/tokens` with a password, for a project by its name or for none. */
  ask(user: string, project: string | null, password = PASSWORD): Promise<LightMyRequestResponse> {
    const domain = { name: 'Default' };
    return this.askWith({
      identity: { methods: ['password'], password: { user: { name: user, domain, password } } },
      ...(project === null ? {} : { scope: { project: { name: project, domain } } }),
    });
  }

  askWith(auth: object): Promise<LightMyRequestResponse> {
    return this.api.call('POST', '/v3/auth/tokens', { roles: null, body: { auth } });
  }

  async token(user: string, project: string | null): Promise<string> {
    const token = (await this.ask(user, project)).headers['x-subject-token'];
    if (typeof token !== 'string') throw new Error(`${user} got no token for ${String(project)}`);
    return token;
  }

  get(path: string, token: string | null, headers: Readonly<Record<string, string>> = {}) {
    const given = token === null ? {} : { 'x-auth-token': token };
    return this.api.call('GET', path, { roles: null, headers: { ...given, ...headers } });
  }
}

export function directoryOf(file: object): IdentityDirectory {
  const read = parseIdentityFile(JSON.stringify(file));
  if (!read.valid) throw new Error(read.problems.join('; '));
  const services = [{ type: 'compute', name: 'nova', url: '/v2.1' }];
  return { ...read.directory, services };
}
