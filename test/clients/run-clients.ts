import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { EndingSignals, EXIT_CODES } from '../demo/ending-signals.ts';
import { installMissing } from '../lab/requirements.ts';
import { makeTemporaryDirectory } from '../lab/temporary-directory.ts';
import { CLIENT_CHAINS, stepsOf, type ClientChain } from './client-chains.ts';
import { ClientCommands } from './client-commands.ts';
import { CLIENT_PACKAGES } from './client-packages.ts';
import { ClientProgress } from './client-progress.ts';
import { installPlugin } from './install-plugin.ts';
import { runClientChain, type ChainTools } from './run-client-chain.ts';
import type { ClientVerdict } from './run-client-steps.ts';
import { printTable } from './verdict-table.ts';

const HELP = `npm run e2e:clients [-- --only CHAIN]… [--jobs N] [--alone] [--json]

Runs Debian's own OpenStack clients against this program on simulated hosts: every command of OpenStackClient that
operators use, the nova shell, and a live migration of a rescued server with the plug-in of adapters/openstackclient,
with openstacksdk, with python-novaclient and with curl. Installs what is missing, as root. The chains, each against a
server of its own:

${CLIENT_CHAINS.map((chain) => `  ${chain.name.padEnd(12)} ${String(stepsOf(chain)).padStart(3)} commands`).join('\n')}

  --only CHAIN   that chain alone; may be given more than once
  --jobs N       that many chains at one time (default: one for each processor)
  --alone        every command loads Python's modules by itself, as from a shell. Otherwise most commands of openstack
                 are processes forked from one that has loaded them, which is twenty times faster and the same in the rest
  --json         the verdicts as one JSON object on standard output
  --help         this text

Ends with a table of every command, its exit code and the verdict; exits with 1 when one of them is not as it should be.`;

const PLUGIN = fileURLToPath(new URL('../../adapters/openstackclient', import.meta.url));

const options = {
  only: { type: 'string', multiple: true },
  jobs: { type: 'string', default: String(availableParallelism()) },
  alone: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;
const { values } = parseArgs({ options });
// Everything started goes when this process exits, which a signal alone does not make it do in order.
const signals = new EndingSignals((signal) => process.exit(EXIT_CODES[signal]));
if (values.help) console.log(HELP);
else process.exitCode = (await main()) ? 0 : 1;
signals.stopListening();

async function main(): Promise<boolean> {
  const only = values.only ?? [];
  const unknown = only.filter((name) => CLIENT_CHAINS.every((chain) => chain.name !== name));
  if (unknown.length > 0) return refused(`--only ${unknown.join(', ')}: there is no such chain. See --help.`);
  if (!/^[1-9]\d?$/.test(values.jobs)) return refused('--jobs: it is a number from 1 to 99.');
  const installed = await installMissing({ onProgress: console.error, packages: CLIENT_PACKAGES });
  if (installed.outcome === 'notRoot')
    return refused(`Debian packages are missing. As root: ${installed.commandToRun}`);
  if (installed.outcome === 'failed') return refused(installed.message);
  const directory = makeTemporaryDirectory('/tmp/lifeboat-clients-');
  try {
    const chains = CLIENT_CHAINS.filter(({ name }) => only.length === 0 || only.includes(name));
    const verdicts = await runAll(chains, directory.path);
    const allRight = verdicts.every(({ problem }) => problem === null);
    if (values.json) console.log(JSON.stringify({ allRight, verdicts }, null, 2));
    else printTable(verdicts);
    return allRight;
  } finally {
    directory.remove();
  }
}

function refused(why: string): false {
  console.error(why);
  return false;
}

async function runAll(chains: readonly ClientChain[], directory: string): Promise<readonly ClientVerdict[]> {
  const pluginPath = await installPlugin(PLUGIN, directory);
  const [stock, withPlugin] = await Promise.all([
    startCommands(`${directory}/stock`, null),
    startCommands(`${directory}/with-plugin`, pluginPath),
  ]);
  const total = chains.reduce((sum, chain) => sum + stepsOf(chain), 0);
  const progress = new ClientProgress(process.stderr, total);
  const tools: ChainTools = {
    directory,
    stock,
    withPlugin,
    begun: (chain, command) => progress.begun(chain, command),
    judged: (verdict) => progress.judged(verdict),
  };
  try {
    return (await inLanes(chains, tools)).flat();
  } finally {
    progress.end();
    await Promise.all([stock.stop(), withPlugin.stop()]);
  }
}

function startCommands(directory: string, pluginPath: string | null): Promise<ClientCommands> {
  mkdirSync(directory);
  return ClientCommands.start({ directory, pluginPath, everyOneAlone: values.alone });
}

/** In the order of the chains, whichever ends first. */
async function inLanes(
  chains: readonly ClientChain[],
  tools: ChainTools,
): Promise<readonly (readonly ClientVerdict[])[]> {
  const waiting = chains.map((chain, place) => ({ chain, place }));
  const verdicts: (readonly ClientVerdict[])[] = chains.map(() => []);
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      verdicts[next.place] = await runClientChain(next.chain, tools);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, lane));
  return verdicts;
}
