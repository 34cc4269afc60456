import type { Command } from 'commander';
import { configurationPath, runProcess } from './run-process.ts';

const HELP = `
An API process answers requests and records them. It touches no hypervisor: what it accepts is carried out by the compute
process of the host, which reads it from the store. Any number may run behind any load balancer, on any machines that
reach the store; none needs to know of another. It takes from the configuration: store, listen, identity, images, flavors
and leaseSeconds. The hosts need not be right there.

A client that reads what it has just written should reach the same process (sticky sessions): another one shows it as
soon as the store has told it, on one machine within a fifth of a second. SIGHUP and SIGTERM as for lifeboat serve.

Examples:
  lifeboat api --config /etc/lifeboat.json
  LIFEBOAT_LISTEN_PORT=8775 lifeboat api --config /etc/lifeboat.json    a second one on the same machine

See also: lifeboat compute --help, docs/operate/processes.md`;

/** Adds `lifeboat api`. */
export function addApiCommand(program: Command): void {
  program
    .command('api')
    .description('run the Compute API alone; compute services are processes of their own')
    .option('-c, --config <file>', 'configuration file (LIFEBOAT_CONFIG)')
    .addHelpText('after', HELP)
    .action((options: { readonly config?: string }) => runProcess(configurationPath(options.config), { role: 'api' }));
}
