import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { hashPassword } from '../../adapters/identity/password-hash.ts';
import { startClientServer, type ClientServer } from '../clients/client-server.ts';
import { installMissing } from '../lab/requirements.ts';
import { requireCommand } from '../lab/run-command.ts';
import { makeTemporaryDirectory } from '../lab/temporary-directory.ts';
import { runStestr } from './run-stestr.ts';
import { report, type TempestPart } from './tempest-report.ts';
import { passingAgainstNova } from './tempest-results.ts';
import { TEMPEST_ACCOUNTS, TEMPEST_PASSWORD } from './tempest-settings.ts';

const HELP = `npm run e2e:tempest [-- --part NAME] [--verbose] [--keep]

Runs Debian's Tempest, with accounts that are there before, against this program on simulated hosts:
  core         what docs/tempest.md calls the core, at no minimum microversion
  core-2.57    the same at min_microversion 2.57
  all          every test that passes against a real Nova 26 (test/golden/tempest-nova-zed.txt)
  plugin       live migration of rescued servers (test/tempest/plugin), with and without an upgraded fleet

  --part NAME  that part alone
  --verbose    what stestr says while it runs
  --keep       leave the directory with Tempest's log and output
  --help       this text`;

const PACKAGES = ['tempest', 'python3-tempest', 'python3-stestr', 'python3-pip', 'python3-setuptools', 'python3-wheel'];
const INSTALL_DEADLINE_MS = 300_000;
const WORKERS = 2;
/** Of those that pass against a real Nova. */
const ALL_PASSED_MIN = 200;
const NOT_CAPABLE = 'sim-c';
const PLUGIN = fileURLToPath(new URL('plugin', import.meta.url));
const GOLDEN = fileURLToPath(new URL('../golden/', import.meta.url));

const SIMULATED = {
  listen: { port: 0 },
  store: 'memory:',
  hypervisor: 'simulated',
  images: { kind: 'simulated' },
};
const UPGRADED = { minMicroversion: null, fleetIsUpgraded: true };

const options = {
  part: { type: 'string' },
  verbose: { type: 'boolean' },
  keep: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;
const { values } = parseArgs({ options });
if (values.help === true) console.log(HELP);
else process.exitCode = (await main()) ? 0 : 1;

async function main(): Promise<boolean> {
  const installed = await installMissing({ onProgress: (line) => console.log(line), packages: PACKAGES });
  if (installed.outcome === 'notRoot') console.log(`Debian packages are missing. As root: ${installed.commandToRun}`);
  if (installed.outcome === 'failed') console.log(installed.message);
  if (installed.outcome !== 'installed') return false;
  if (values.keep === true) {
    const kept = mkdtempSync('/tmp/lifeboat-tempest-');
    console.log(`kept: ${kept}`);
    return report(await runParts(kept));
  }
  const directory = makeTemporaryDirectory('/tmp/lifeboat-tempest-');
  try {
    return report(await runParts(directory.path));
  } finally {
    directory.remove();
  }
}

async function runParts(directory: string): Promise<readonly TempestPart[]> {
  const users = `${directory}/identity.json`;
  writeFileSync(users, JSON.stringify(await identityFile()));
  const plugin = await installTempestPlugin(directory);
  const core = lines('tempest-core.txt');
  const passing = passingAgainstNova(readFileSync(`${GOLDEN}tempest-nova-zed.txt`, 'utf8'));
  const passingCore = passing.filter((test) => core.some((pattern) => new RegExp(pattern).test(test)));
  const own = ['^lifeboat_tempest_plugin\\.'];
  const exactly = passing.map((test) => `^${test.replaceAll('.', '\\.')}(\\[|$)`);
  const parts: TempestPart[] = [];
  const part = async (
    name: string,
    tests: readonly string[],
    judged: Omit<TempestPart, 'name' | 'results'>,
    cloud = {},
  ) => {
    if (values.part !== undefined && !name.startsWith(values.part)) return;
    const results = await onFreshCloud({ name, directory, users, plugin, tests, ...UPGRADED, ...cloud });
    parts.push({ name, results, ...judged });
  };
  if (values.part !== 'core-2.57') await part('core', core, { mustPass: passingCore, atLeast: 1 });
  await part('core-2.57', core, { mustPass: passingCore, atLeast: 1 }, { minMicroversion: '2.57' });
  await part('all', exactly, { mustPass: passing, atLeast: ALL_PASSED_MIN });
  await part('plugin', own, { mustPass: null, atLeast: 1 });
  await part('plugin-before-upgrade', own, { mustPass: null, atLeast: 1 }, { fleetIsUpgraded: false });
  return parts;
}

type PartRun = {
  readonly name: string;
  readonly directory: string;
  readonly users: string;
  readonly plugin: string;
  readonly tests: readonly string[];
  readonly minMicroversion: string | null;
  readonly fleetIsUpgraded: boolean;
};

async function onFreshCloud(run: PartRun) {
  const { name, directory, users, plugin, tests, minMicroversion, fleetIsUpgraded } = run;
  console.log(`${name} …`);
  const hosts = [
    { name: 'sim-a' },
    { name: 'sim-b', ...(fleetIsUpgraded ? {} : { serviceVersion: 73 }) },
    // Only the plugin has use for it: to the others a host that cannot do everything is in the way.
    ...(name === 'plugin' ? [{ name: NOT_CAPABLE, supportsLiveMigrateRescued: false }] : []),
  ];
  const identity = { kind: 'static', file: users };
  let server: ClientServer | null = null;
  try {
    server = await startClientServer(`${directory}/${name}.json`, { ...SIMULATED, identity, hosts });
    const hostWithoutCapability = name === 'plugin' ? NOT_CAPABLE : null;
    const place = `${directory}/${name}`;
    const cloud = { url: server.url, directory: place, minMicroversion, fleetIsUpgraded, hostWithoutCapability };
    const said = (text: string): void => void (values.verbose === true && process.stdout.write(text));
    return await runStestr({ cloud, tests, workers: name.startsWith('plugin') ? 1 : WORKERS, plugin, said });
  } finally {
    await server?.stop();
  }
}

async function identityFile(): Promise<object> {
  const passwordHash = await hashPassword(TEMPEST_PASSWORD);
  return {
    projects: TEMPEST_ACCOUNTS.map(({ name }) => ({ name })),
    users: TEMPEST_ACCOUNTS.map(({ name, role }) => ({ name, passwordHash, projects: { [name]: [role] } })),
  };
}

async function installTempestPlugin(directory: string): Promise<string> {
  const source = `${directory}/plugin-source`;
  const target = `${directory}/site-packages`;
  cpSync(PLUGIN, source, { recursive: true });
  const quietly = ['--quiet', '--no-deps', '--no-build-isolation', '--root-user-action=ignore', '--target', target];
  await requireCommand(['/usr/bin/python3', '-m', 'pip', 'install', ...quietly, source], {
    deadlineMs: INSTALL_DEADLINE_MS,
  });
  return target;
}

function lines(name: string): readonly string[] {
  return readFileSync(`${GOLDEN}${name}`, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}
