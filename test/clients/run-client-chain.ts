import { writeFileSync } from 'node:fs';
import { hashPassword } from '../../adapters/identity/password-hash.ts';
import type { ClientChain } from './client-chains.ts';
import type { ClientCommands } from './client-commands.ts';
import { ADMIN_PASSWORD, loginNamed, passwordLogin } from './client-login.ts';
import { startClientServer, type ClientServer } from './client-server.ts';
import { runClientSteps, type ClientRun, type ClientVerdict } from './run-client-steps.ts';

const SIMULATED = {
  listen: { port: 0 },
  store: 'memory:',
  hypervisor: 'simulated',
  images: { kind: 'simulated' },
  hosts: [{ name: 'sim-a' }, { name: 'sim-b' }],
};

export type ChainTools = {
  readonly directory: string;
  /** As Debian ships them. */
  readonly stock: ClientCommands;
  /** With the plug-in beside them. */
  readonly withPlugin: ClientCommands;
} & Pick<ClientRun, 'begun' | 'judged'>;

/** Gives the chain's verdicts, also when its server did not come up: then one, of that. */
export async function runClientChain(chain: ClientChain, tools: ChainTools): Promise<readonly ClientVerdict[]> {
  const { directory, stock, withPlugin, begun, judged } = tools;
  const verdicts: ClientVerdict[] = [];
  let server: ClientServer | null = null;
  try {
    const users = `${directory}/${chain.name}-identity.json`;
    writeFileSync(users, JSON.stringify(await identityFile()));
    const identity = chain.hasIdentityService ? { identity: { kind: 'static', file: users } } : {};
    const configuration = { ...SIMULATED, ...identity, ...chain.configuration };
    server = await startClientServer(`${directory}/${chain.name}.json`, configuration);
    const { url } = server;
    const token = chain.hasIdentityService ? await issueToken(stock, url) : '';
    for (const part of chain.parts) {
      const commands = part.withPlugin ? withPlugin : stock;
      const login = loginNamed(part.login, url, token);
      const run = { chain: chain.name, login, commands, url, token, begun, judged };
      verdicts.push(...(await runClientSteps(run, part.steps)));
    }
  } catch (error) {
    const failed = { chain: chain.name, login: '', command: '', exitCode: null, seconds: 0, problem: String(error) };
    judged(failed);
    verdicts.push(failed);
  } finally {
    await server?.stop();
  }
  return verdicts;
}

async function identityFile(): Promise<object> {
  const user = { name: 'admin', passwordHash: await hashPassword(ADMIN_PASSWORD), projects: { admin: ['admin'] } };
  return { projects: [{ name: 'admin' }], users: [user] };
}

async function issueToken(commands: ClientCommands, url: string): Promise<string> {
  const argv = ['openstack', 'token', 'issue', '-f', 'value', '-c', 'id'];
  const issued = await commands.run({ argv, environment: passwordLogin(url).environment, isAlone: true });
  const token = issued.outcome === 'exited' ? issued.stdout.trim() : '';
  if (token === '') throw new Error(`openstack token issue gave none: ${JSON.stringify(issued)}`);
  return token;
}
