import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { hashPassword } from '../../adapters/identity/password-hash.ts';
import { startClientServer, type ClientServer } from '../clients/client-server.ts';
import { installPlugin } from '../clients/install-plugin.ts';
import { EndingSignals, EXIT_CODES } from '../demo/ending-signals.ts';
import { installMissing } from '../lab/requirements.ts';
import { makeTemporaryDirectory } from '../lab/temporary-directory.ts';
import { runStestr } from './run-stestr.ts';
import { tempestRuns, type TempestRunPlan } from './tempest-groups.ts';
import { judge, printVerdicts, type TempestVerdict } from './tempest-report.ts';
import type { TempestResult } from './tempest-results.ts';
import { TEMPEST_ACCOUNTS, TEMPEST_PASSWORD } from './tempest-settings.ts';

const HELP = `npm run e2e:tempest [-- --only PATTERN] [--workers N] [--json] [--verbose] [--keep]

Runs Debian's Tempest, with accounts that are there before, against this program on simulated hosts; installs what is
missing, as root. The groups:
  core                    the tests of test/golden/tempest-core.txt that pass against a real Nova 26; all must pass
  all                     every test of test/golden/tempest-nova-zed.txt that does; at least 200 must pass, and the
                          others stand with their reasons in docs/tempest.md
  core-2.57               the core again at [compute] min_microversion 2.57; all must pass that Tempest has there
  plugin                  live migration of rescued servers (test/tempest/plugin); all must pass
  plugin-before-upgrade   the same while one compute service is too old

  --only PATTERN   those whose name the regular expression matches; then 200 are not asked for
  --workers N      that many tests at one time, 1 or 2 (default 2)
  --json           the verdicts as one JSON object on standard output, everything else on standard error
  --verbose        what stestr says while it runs
  --keep           leave the directory with Tempest's log and output
  --help           this text

Ends with a table and the reason of every failure; exits with 0 when every bar is met, and with 1 otherwise.`;

const PACKAGES = ['tempest', 'python3-tempest', 'python3-stestr', 'python3-pip', 'python3-setuptools', 'python3-wheel'];
const WORKERS = ['1', '2'];
const NOT_CAPABLE = 'sim-c';
/** Of a compute service before rescued servers could be live migrated. */
const SERVICE_VERSION_BEFORE = 73;
const PLUGIN = fileURLToPath(new URL('plugin', import.meta.url));

const SIMULATED = {
  listen: { port: 0 },
  store: 'memory:',
  hypervisor: 'simulated',
  images: { kind: 'simulated' },
};

const options = {
  only: { type: 'string' },
  workers: { type: 'string', default: '2' },
  json: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  keep: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;
const { values } = parseArgs({ options });
// Everything started goes when this process exits, which a signal alone does not make it do in order.
const signals = new EndingSignals((signal) => process.exit(EXIT_CODES[signal]));
if (values.help) console.log(HELP);
else process.exitCode = (await main()) ? 0 : 1;
signals.stopListening();

async function main(): Promise<boolean> {
  const only = pattern(values.only);
  if (only === undefined || !WORKERS.includes(values.workers)) return refused('--only or --workers');
  const installed = await installMissing({ onProgress: tell, packages: PACKAGES });
  if (installed.outcome === 'notRoot') tell(`Debian packages are missing. As root: ${installed.commandToRun}`);
  if (installed.outcome === 'failed') tell(installed.message);
  if (installed.outcome !== 'installed') return false;
  const directory = makeTemporaryDirectory('/tmp/lifeboat-tempest-');
  try {
    const verdicts = await performAll(directory.path, tempestRuns(only, Number(values.workers)));
    return conclude(verdicts);
  } finally {
    if (values.keep) tell(`kept: ${directory.path}`);
    else directory.remove();
  }
}

/** Null: everything. Undefined: it is no regular expression. */
function pattern(text: string | undefined): RegExp | null | undefined {
  if (text === undefined) return null;
  try {
    return new RegExp(text);
  } catch {
    return undefined;
  }
}

function refused(option: string): boolean {
  tell(`${option}: not understood. See --help.`);
  return false;
}

function conclude(verdicts: readonly TempestVerdict[]): boolean {
  const ran = verdicts.filter(({ total }) => total > 0);
  const allMet = ran.length > 0 && ran.every(({ isMet }) => isMet);
  if (values.json) console.log(JSON.stringify({ allMet, groups: ran }, null, 2));
  else printVerdicts(ran);
  if (ran.length === 0) tell('no test was run');
  return allMet;
}

async function performAll(directory: string, plans: readonly TempestRunPlan[]): Promise<readonly TempestVerdict[]> {
  const users = `${directory}/identity.json`;
  writeFileSync(users, JSON.stringify(await identityFile()));
  const plugin = await installPlugin(PLUGIN, directory);
  const verdicts: TempestVerdict[] = [];
  for (const plan of plans) {
    tell(`${plan.name} …`);
    const results = await onFreshServer(plan, { directory, users, plugin });
    verdicts.push(...plan.groups(results).map(judge));
  }
  return verdicts;
}

type Places = { readonly directory: string; readonly users: string; readonly plugin: string };

async function onFreshServer(
  { name, patterns, minMicroversion, fleetIsUpgraded, hasHostWithoutCapability, workers }: TempestRunPlan,
  { directory, users, plugin }: Places,
): Promise<readonly TempestResult[]> {
  const hosts = [
    { name: 'sim-a' },
    { name: 'sim-b', ...(fleetIsUpgraded ? {} : { serviceVersion: SERVICE_VERSION_BEFORE }) },
    ...(hasHostWithoutCapability ? [{ name: NOT_CAPABLE, supportsLiveMigrateRescued: false }] : []),
  ];
  const identity = { kind: 'static', file: users };
  let server: ClientServer | null = null;
  try {
    server = await startClientServer(`${directory}/${name}.json`, { ...SIMULATED, identity, hosts });
    const cloud = {
      url: server.url,
      directory: `${directory}/${name}`,
      minMicroversion,
      fleetIsUpgraded,
      hostWithoutCapability: hasHostWithoutCapability ? NOT_CAPABLE : null,
    };
    const said = (text: string): void => void (values.verbose && process.stderr.write(text));
    return await runStestr({ cloud, patterns, workers, plugin, said });
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

function tell(line: string): void {
  if (values.json) console.error(line);
  else console.log(line);
}
