import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runCommand, type CommandResult } from '../lab/run-command.ts';
import { endWithThisProcess, signalGroup } from '../lab/running-commands.ts';

const FORKING = fileURLToPath(new URL('openstack_commands.py', import.meta.url));
const START_DEADLINE_MS = 60_000;
const COMMAND_DEADLINE_SECONDS = 90;
/** What a command that is killed at its deadline has left to be told of. */
const ANSWER_GRACE_MS = 5000;
const MS_PER_SECOND = 1000;
const DEADLINE_MS = COMMAND_DEADLINE_SECONDS * MS_PER_SECOND;
const ERRORS_CHARACTERS_MAX = 10_000;

export type ClientCommand = {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Whether it must load Python's modules by itself, as it does when a shell starts it. */
  readonly isAlone: boolean;
};

export type ClientCommandsOptions = {
  /** Exists already; becomes the clients' home, so that nobody's own clouds.yaml has a say. */
  readonly directory: string;
  /** Where plug-ins lie beside those of Debian; null for none. */
  readonly pluginPath: string | null;
  readonly everyOneAlone: boolean;
};

type Answer = { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string };

/** Runs clients with nothing in their environment but what they are given; each has an exit code and output of its own. */
export class ClientCommands {
  readonly #environment: Readonly<Record<string, string>>;
  readonly #socket: string | null;
  readonly #stop: () => Promise<void>;

  private constructor(
    environment: Readonly<Record<string, string>>,
    socket: string | null,
    stop: () => Promise<void> = async () => {},
  ) {
    this.#environment = environment;
    this.#socket = socket;
    this.#stop = stop;
  }

  /** Throws with its errors when the process that loads the modules does not come up. */
  static async start({ directory, pluginPath, everyOneAlone }: ClientCommandsOptions): Promise<ClientCommands> {
    const environment = {
      PATH: '/usr/bin:/bin',
      HOME: directory,
      LC_ALL: 'C.UTF-8',
      PYTHONWARNINGS: 'ignore',
      ...(pluginPath === null ? {} : { PYTHONPATH: pluginPath }),
    };
    if (everyOneAlone) return new ClientCommands(environment, null);
    const socket = `${directory}/commands`;
    const options = { detached: true, env: environment, cwd: directory } as const;
    const child = spawn('/usr/bin/python3', [FORKING, socket], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    endWithThisProcess(child, 'SIGKILL');
    const ended = once(child, 'close').then(() => false);
    let errors = '';
    child.stderr
      .setEncoding('utf8')
      .on('data', (said: string) => (errors = (errors + said).slice(-ERRORS_CHARACTERS_MAX)));
    const tooLate = delay(START_DEADLINE_MS, false, { ref: false });
    const isListening = await Promise.race([once(child.stdout, 'data').then(() => true), ended, tooLate]);
    const stop = async (): Promise<void> => {
      signalGroup(child, 'SIGKILL');
      await ended;
    };
    if (isListening) return new ClientCommands(environment, socket, stop);
    await stop();
    throw new Error(`OpenStackClient could not be loaded: ${errors}`);
  }

  /** Never throws, and ends by itself: a command that does not is killed. */
  async run({ argv, environment, isAlone }: ClientCommand): Promise<CommandResult> {
    const whole = { ...this.#environment, ...environment };
    if (this.#socket !== null && !isAlone && argv[0] === 'openstack') return forked(this.#socket, argv, whole);
    const assignments = Object.entries(whole).map(([name, value]) => `${name}=${value}`);
    return runCommand(['env', '-i', ...assignments, ...argv], { deadlineMs: DEADLINE_MS });
  }

  async stop(): Promise<void> {
    await this.#stop();
  }
}

async function forked(
  socket: string,
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<CommandResult> {
  const connection = createConnection(socket);
  connection.setTimeout(DEADLINE_MS + ANSWER_GRACE_MS, () => connection.destroy(new Error('no answer')));
  try {
    connection.write(`${JSON.stringify({ argv, environment, deadlineSeconds: COMMAND_DEADLINE_SECONDS })}\n`);
    const { exitCode, ...said } = JSON.parse(await text(connection)) as Answer;
    if (exitCode === null) return { outcome: 'timedOut', afterMs: DEADLINE_MS, ...said };
    return { outcome: 'exited', exitCode, ...said };
  } catch (error) {
    return { outcome: 'notStarted', message: String(error) };
  } finally {
    connection.destroy();
  }
}
