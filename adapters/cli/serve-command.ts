import type { Command } from 'commander';
import { pino } from 'pino';
import type { Log } from '../../application/ports/log.ts';
import { readConfiguration, type Configuration } from '../main/configuration.ts';
import type { Served } from '../main/serve.ts';

/** Three hosts that nobody has to own. Nothing survives the process. */
const SIMULATED = {
  hypervisor: 'simulated',
  store: 'memory:',
  images: { kind: 'simulated' },
  hosts: [{ name: 'sim-a' }, { name: 'sim-b' }, { name: 'sim-c' }],
};

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
      await runServe(options.simulated === true ? null : (options.config ?? process.env['LIFEBOAT_CONFIG'] ?? ''));
    });
}

/** `path` null: the simulated cloud. Returns when the process was asked to stop. */
async function runServe(path: string | null): Promise<void> {
  if (path === '') throw new Error('no configuration: give --config FILE or LIFEBOAT_CONFIG, or try --simulated');
  const configuration = configurationOf(path);
  const log = openLog(configuration);
  // The whole server: the other commands, which a person waits for, start without it in a third of the time.
  const { serve } = await import('../main/serve.ts');
  const served = await serve(configuration, log);
  process.on('SIGHUP', () => void reload(path, served, log));
  const asked = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  // After the signals are heard: whoever reads this line may send one, and an unheard SIGHUP would end the process.
  log.info(
    { url: served.url, hosts: configuration.hosts.map(({ name }) => name) },
    `The Compute API is at ${served.url}/v2.1`,
  );
  try {
    await Promise.race([asked, served.failed]);
  } finally {
    await served.stop();
  }
}

function configurationOf(path: string | null): Configuration {
  const answer = readConfiguration(path, process.env, SIMULATED);
  if (!answer.valid) throw new Error(`the configuration is not valid\n  ${answer.problems.join('\n  ')}`);
  return answer.configuration;
}

async function reload(path: string | null, served: Served, log: Log): Promise<void> {
  const answer = readConfiguration(path, process.env, SIMULATED);
  if (!answer.valid) {
    log.error({ problems: answer.problems }, 'The configuration was read again and is not valid; the old one stays.');
    return;
  }
  try {
    await served.reconfigure(answer.configuration);
    log.info({}, 'The configuration was read again.');
  } catch (error) {
    log.error({ error }, 'The configuration was read again and cannot be used; the old one stays.');
  }
}

function openLog({ logLevel }: Configuration): Log {
  const logger = pino(
    { level: logLevel, serializers: { error: pino.stdSerializers.err } },
    pino.destination({ fd: 2, sync: true }),
  );
  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}
