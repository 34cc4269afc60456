import type { Command } from 'commander';
import { ALL_IN_ONE } from '../main/process-role.ts';
import { configurationPath, runProcess } from './run-process.ts';

const HELP = `
The configuration is one JSON file:
  {
    "listen": { "address": "127.0.0.1", "port": 8774 },
    "store": "sqlite:/var/lib/lifeboat/events.db",
    "images": { "kind": "directory", "path": "/var/lib/lifeboat/images" },
    "hypervisor": "libvirt",
    "hosts": [
      { "name": "host-1", "libvirt": "unix:/var/run/libvirt/libvirt-sock",
        "instancesPath": "/var/lib/lifeboat/instances", "migrationAddress": "192.0.2.1" },
      { "name": "host-2", "libvirt": "tls://host-2:16514", "migrationAddress": "192.0.2.2",
        "tls": { "ca": "/etc/pki/CA/cacert.pem", "certificate": "/etc/pki/client.pem", "key": "/etc/pki/client.key" } }
    ]
  }
Every key is described in docs/configuration.md. Variables such as LIFEBOAT_LISTEN_PORT override single keys.
SIGHUP reads the file again: changed service versions, and the users of identity.file; SIGTERM and SIGINT stop.
For many machines: lifeboat api, lifeboat compute, and docs/operate/processes.md.

Examples:
  lifeboat serve --simulated                    try the API on three simulated hosts, without root
  lifeboat serve --config /etc/lifeboat.json    run on libvirt hosts`;

/** Adds `lifeboat serve`. */
export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('run the Compute API and every configured compute service in this process')
    .option('-c, --config <file>', 'configuration file (LIFEBOAT_CONFIG)')
    .option('--simulated', 'three simulated hosts and a store in memory, for trying the API')
    .addHelpText('after', HELP)
    .action(async (options: { readonly config?: string; readonly simulated?: boolean }) => {
      const path = options.simulated === true ? null : configurationPath(options.config, ', or try --simulated');
      await runProcess(path, ALL_IN_ONE);
    });
}
