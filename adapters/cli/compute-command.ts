import type { Command } from 'commander';
import { hostName } from '../../domain/shared/ids.ts';
import { configurationPath, runProcess } from './run-process.ts';

const HELP = `
One for each host, best on the host itself. It alone changes the servers of its host, and drives the migrations that leave
it; for those it reaches the other hosts too, so every process is given every host of the configuration. It reports the
host's service version: when the last host has reported the new one, every API process answers 202 where it said 409.

Only one may serve a host. A second one waits, and takes over when the first was stopped, or has not been heard of for
leaseSeconds. One that finds out that it was taken over has changed nothing since, and ends; start it again. What a dead
one was doing, the others go on with.

It does not start when its service version is older than the minimum of the fleet, or than what it has reported before.
SIGHUP reads the file again: a changed service version is reported. SIGTERM and SIGINT stop it when what is under way has
ended, for at most 30 s.

Examples:
  lifeboat compute --host host-1 --config /etc/lifeboat.json
  lifeboat compute --host "$(hostname)" --config /etc/lifeboat.json

See also: lifeboat api --help, docs/operate/processes.md`;

/** Adds `lifeboat compute`. */
export function addComputeCommand(program: Command): void {
  program
    .command('compute')
    .description('run the compute service of one host')
    .requiredOption('--host <name>', 'the host, as the configuration names it')
    .option('-c, --config <file>', 'configuration file (LIFEBOAT_CONFIG)')
    .addHelpText('after', HELP)
    .action((options: { readonly host: string; readonly config?: string }) =>
      runProcess(configurationPath(options.config), { role: 'compute', host: hostName(options.host) }),
    );
}
