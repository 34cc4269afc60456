import { pino } from 'pino';
import type { Log } from '../../application/ports/log.ts';
import { readConfiguration, type Configuration } from '../main/configuration.ts';
import type { ProcessRole } from '../main/process-role.ts';
import type { StartedProcess } from '../main/start-process.ts';

/** Three hosts that nobody has to own. Nothing survives the process. */
const SIMULATED = {
  hypervisor: 'simulated',
  store: 'memory:',
  images: { kind: 'simulated' },
  hosts: [{ name: 'sim-a' }, { name: 'sim-b' }, { name: 'sim-c' }],
};

/** The file that the command names, or the environment. Throws a sentence for the operator when there is none. */
export function configurationPath(option: string | undefined, otherwise = ''): string {
  const path = option ?? process.env['LIFEBOAT_CONFIG'];
  if (path === undefined || path === '') {
    throw new Error(`no configuration: give --config FILE or LIFEBOAT_CONFIG${otherwise}`);
  }
  return path;
}

/** `path` null: the simulated cloud. Ends the process when it was asked to stop; rejects, and ends it too, when it cannot go on. */
export async function runProcess(path: string | null, role: ProcessRole): Promise<void> {
  const configuration = configurationOf(path);
  const log = openLog(configuration);
  // The whole server: the other commands, which a person waits for, start without it in a third of the time.
  const { startProcess } = await import('../main/start-process.ts');
  const started = await startProcess(configuration, log, role);
  process.on('SIGHUP', () => void reload(path, started, log));
  const asked = askedToStop();
  // After the signals are heard: whoever reads this line may send one, and an unheard SIGHUP would end the process.
  greet(configuration, { log, role, started });
  try {
    await Promise.race([asked, started.failed]);
  } finally {
    await started.stop();
    // What did not end in its grace must not keep the process; what `lifeboat` says of an error is said before.
    setImmediate(() => process.exit());
  }
}

/** Resolves at SIGTERM or SIGINT. */
export function askedToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}

type Greeted = { readonly log: Log; readonly role: ProcessRole; readonly started: StartedProcess };

function greet({ hosts }: Configuration, { log, role, started: { url, ready } }: Greeted): void {
  if (url !== null) {
    const names = role.role === 'api' ? {} : { hosts: hosts.map(({ name }) => name) };
    log.info({ url, ...names }, `The Compute API is at ${url}/v2.1`);
  }
  if (role.role !== 'compute') return;
  const { host } = role;
  // What goes wrong before is told by `failed`.
  const served = () => log.info({ host }, `The compute service of ${host} is at work`);
  ready.then(served, () => undefined);
}

/** Throws with a sentence for each thing that is wrong. */
export function configurationOf(path: string | null): Configuration {
  const answer = readConfiguration(path, process.env, SIMULATED);
  if (!answer.valid) throw new Error(`the configuration is not valid\n  ${answer.problems.join('\n  ')}`);
  return answer.configuration;
}

async function reload(path: string | null, started: StartedProcess, log: Log): Promise<void> {
  const answer = readConfiguration(path, process.env, SIMULATED);
  if (!answer.valid) {
    log.error({ problems: answer.problems }, 'The configuration was read again and is not valid; the old one stays.');
    return;
  }
  try {
    await started.reconfigure(answer.configuration);
    log.info({}, 'The configuration was read again.');
  } catch (error) {
    log.error({ error }, 'The configuration was read again and cannot be used; the old one stays.');
  }
}

/** JSON lines on standard error. */
export function openLog({ logLevel }: Configuration): Log {
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
