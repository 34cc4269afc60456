import { parseArgs } from 'node:util';
import { writeFileSync } from 'node:fs';
import { hashPassword } from '../../adapters/identity/password-hash.ts';
import { installMissing } from '../lab/requirements.ts';
import { makeTemporaryDirectory } from '../lab/temporary-directory.ts';
import {
  ADMIN_PASSWORD,
  adminTokenLogin,
  noLogin,
  passwordLogin,
  v3PasswordLogin,
  v3TokenLogin,
  type ClientLogin,
} from './client-login.ts';
import { CLIENT_PACKAGES } from './client-packages.ts';
import { startClientServer, type ClientServer } from './client-server.ts';
import { step } from './client-step.ts';
import { LEVER_STEPS, NOVA_STEPS, OPENSTACK_STEPS } from './openstack-steps.ts';
import { installPlugin, runRescuedMigrations } from './rescued-migrations.ts';
import { runAs, runClientSteps, type ClientRun, type ClientVerdict } from './run-client-steps.ts';
import { printTable } from './verdict-table.ts';

const HELP = `npm run e2e:clients [-- --login password|admin_token|none]

Runs Debian's own OpenStack clients against this program, each as a process of its own, on simulated hosts: every
command of OpenStackClient that operators use, the nova shell, and a live migration of a rescued server with the plugin
of adapters/openstackclient, with openstacksdk, with python-novaclient and with curl. Installs what is missing, as root.

  --login NAME   that way to log in alone
  --help         this text

Ends with a table of every command, its exit code and the verdict; exits with 1 when one of them is not as it should be.`;

const LONG_MIGRATION_SECONDS = 40;

/** The ways to log in that differ in nothing but that. */
const LOGGED_IN = [
  step('openstack server list', { says: [/^\s*$/] }),
  step('openstack image list', { says: [/simulated/] }),
];

const SIMULATED = {
  listen: { port: 0 },
  store: 'memory:',
  hypervisor: 'simulated',
  images: { kind: 'simulated' },
  hosts: [{ name: 'sim-a' }, { name: 'sim-b' }],
};

const { values } = parseArgs({ options: { login: { type: 'string' }, help: { type: 'boolean' } } });
if (values.help === true) console.log(HELP);
else process.exitCode = (await main(values.login ?? null)) ? 0 : 1;

async function main(only: string | null): Promise<boolean> {
  const installed = await installMissing({ onProgress: tell, packages: CLIENT_PACKAGES });
  if (installed.outcome === 'notRoot') tell(`Debian packages are missing. As root: ${installed.commandToRun}`);
  if (installed.outcome === 'failed') tell(installed.message);
  if (installed.outcome !== 'installed') return false;
  const directory = makeTemporaryDirectory('/tmp/lifeboat-clients-');
  const servers: ClientServer[] = [];
  try {
    const verdicts = await runAll(directory.path, servers, only);
    printTable(verdicts);
    return verdicts.length > 0 && verdicts.every(({ problem }) => problem === null);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    directory.remove();
  }
}

async function runAll(
  directory: string,
  servers: ClientServer[],
  only: string | null,
): Promise<readonly ClientVerdict[]> {
  const users = `${directory}/identity.json`;
  writeFileSync(users, JSON.stringify(await identityFile()));
  const start = async (name: string, rest: object): Promise<ClientServer> => {
    const server = await startClientServer(`${directory}/${name}.json`, { ...SIMULATED, ...rest });
    servers.push(server);
    return server;
  };
  const identity = { kind: 'static', file: users };
  const plugin = await installPlugin(directory);
  const wants = (name: ClientLogin['name']): boolean => only === null || only === name;
  // Each on a server of its own, side by side: the clients take longer to start than to ask.
  const chains: Promise<readonly ClientVerdict[]>[] = [];
  if (wants('password')) {
    chains.push(start('password', { identity }).then((server) => withPassword(server, plugin)));
    const slowly = { identity, simulatedMigrationSeconds: LONG_MIGRATION_SECONDS };
    chains.push(start('slow', slowly).then((server) => withLevers(server)));
  }
  if (wants('admin_token')) chains.push(start('token', { identity }).then((server) => withAdminToken(server, plugin)));
  if (wants('none')) chains.push(start('open', {}).then((server) => withNothing(server, plugin)));
  return (await Promise.all(chains)).flat();
}

async function withPassword(server: ClientServer, plugin: string): Promise<readonly ClientVerdict[]> {
  const run = await withToken(passwordLogin(server.url), server);
  const { url, token } = run;
  return [
    ...(await runClientSteps(run, OPENSTACK_STEPS)),
    ...(await runClientSteps(run, NOVA_STEPS)),
    ...(await runRescuedMigrations(run, plugin, { scripts: true })),
    ...(await runClientSteps({ ...run, login: v3PasswordLogin(url) }, LOGGED_IN)),
    ...(await runClientSteps({ ...run, login: v3TokenLogin(url, token) }, LOGGED_IN)),
  ];
}

async function withLevers(server: ClientServer): Promise<readonly ClientVerdict[]> {
  return runClientSteps(await withToken(passwordLogin(server.url), server), LEVER_STEPS);
}

async function withAdminToken(server: ClientServer, plugin: string): Promise<readonly ClientVerdict[]> {
  const run = await withToken(passwordLogin(server.url), server);
  const login = adminTokenLogin(run.url, run.token);
  return [
    ...(await runClientSteps({ ...run, login }, OPENSTACK_STEPS)),
    ...(await runRescuedMigrations({ ...run, login }, plugin, { scripts: false })),
  ];
}

async function withNothing({ url }: ClientServer, plugin: string): Promise<readonly ClientVerdict[]> {
  const run: ClientRun = { login: noLogin(url), url, token: '', judged };
  return [
    ...(await runClientSteps(run, OPENSTACK_STEPS)),
    ...(await runRescuedMigrations(run, plugin, { scripts: false })),
  ];
}

async function identityFile(): Promise<object> {
  const user = { name: 'admin', passwordHash: await hashPassword(ADMIN_PASSWORD), projects: { admin: ['admin'] } };
  return { projects: [{ name: 'admin' }], users: [user] };
}

async function withToken(login: ClientLogin, { url }: ClientServer): Promise<ClientRun> {
  const issued = await runAs(login, ['openstack', 'token', 'issue', '-f', 'value', '-c', 'id']);
  const token = issued.outcome === 'exited' ? issued.stdout.trim() : '';
  if (token === '') throw new Error(`openstack token issue gave none: ${JSON.stringify(issued)}`);
  return { login, url, token, judged };
}

function judged({ login, command, problem }: ClientVerdict): void {
  tell(`${problem === null ? 'ok    ' : 'WRONG '} ${login.padEnd(12)}${command}`);
}

function tell(line: string): void {
  console.log(line);
}
