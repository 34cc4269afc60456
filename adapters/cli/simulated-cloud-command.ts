import type { Command } from 'commander';
import { askedToStop, configurationOf, configurationPath, openLog } from './run-process.ts';

const HELP = `
For trying separate processes on one machine, without root. The configuration names the socket:
  {
    "store": "sqlite:/tmp/lifeboat/events.db",
    "hypervisor": "simulated",
    "simulatedCloud": "unix:/tmp/lifeboat/cloud.sock",
    "images": { "kind": "simulated" },
    "hosts": [{ "name": "sim-a" }, { "name": "sim-b" }]
  }
Nothing of the cloud survives this process.

Example, a shell each:
  lifeboat simulated-cloud --config try.json
  lifeboat api --config try.json
  lifeboat compute --host sim-a --config try.json
  lifeboat compute --host sim-b --config try.json`;

/** Adds `lifeboat simulated-cloud`. */
export function addSimulatedCloudCommand(program: Command): void {
  program
    .command('simulated-cloud')
    .description('run simulated hosts that several processes share, for trying them')
    .option('-c, --config <file>', 'configuration file (LIFEBOAT_CONFIG)')
    .addHelpText('after', HELP)
    .action((options: { readonly config?: string }) => runSimulatedCloud(configurationPath(options.config)));
}

async function runSimulatedCloud(path: string): Promise<void> {
  const configuration = configurationOf(path);
  const { serveSimulatedCloud } = await import('../main/shared-simulated-cloud.ts');
  const served = await serveSimulatedCloud(configuration);
  const asked = askedToStop();
  openLog(configuration).info(
    { socket: served.path, hosts: configuration.hosts.map(({ name }) => name) },
    'The simulated cloud waits for processes; nothing of it is real',
  );
  await asked;
  await served.stop();
}
