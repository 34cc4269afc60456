import { spawn } from 'node:child_process';
import { endWithThisProcess, signalGroup } from './running-commands.ts';

const OUTPUT_MAX_CHARACTERS = 4 * 1024 * 1024;
const ERROR_TAIL_CHARACTERS = 2000;

export type CommandResult =
  | { readonly outcome: 'exited'; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  | { readonly outcome: 'timedOut'; readonly afterMs: number; readonly stdout: string; readonly stderr: string }
  | { readonly outcome: 'notStarted'; readonly message: string };

export type CommandOptions = {
  readonly deadlineMs: number;
  readonly directory?: string;
  readonly input?: string;
  /** Called with each piece of output as it arrives, for progress. */
  readonly onOutput?: (text: string) => void;
  /** What its process group gets when this process exits before it; SIGKILL unless it must end in an orderly way. */
  readonly signalOnExit?: NodeJS.Signals;
};

/**
 * Runs one command to its end or to its deadline; then its whole process group is killed.
 * Keeps at most 4 Mi characters of each output. Never throws: each ending is a value.
 */
export function runCommand(argv: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const [program, ...rest] = argv;
  if (program === undefined) return Promise.resolve({ outcome: 'notStarted', message: 'no program was named' });
  return new Promise((resolve) => {
    const child = spawn(program, rest, {
      detached: true,
      stdio: 'pipe',
      env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
      ...(options.directory === undefined ? {} : { cwd: options.directory }),
    });
    endWithThisProcess(child, options.signalOnExit ?? 'SIGKILL');
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      signalGroup(child, 'SIGKILL');
    }, options.deadlineMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout = (stdout + text).slice(0, OUTPUT_MAX_CHARACTERS);
      options.onOutput?.(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(0, OUTPUT_MAX_CHARACTERS);
      options.onOutput?.(text);
    });
    // A program that ends without reading its input is judged by its exit code, not by the broken pipe.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve({ outcome: 'notStarted', message: error.message });
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      if (timedOut) resolve({ outcome: 'timedOut', afterMs: options.deadlineMs, stdout, stderr });
      else resolve({ outcome: 'exited', exitCode: code ?? -1, stdout, stderr });
    });
  });
}

/** As `runCommand`, for steps without which the laboratory cannot go on: returns stdout, throws on anything but exit 0. */
export async function requireCommand(argv: readonly string[], options: CommandOptions): Promise<string> {
  const result = await runCommand(argv, options);
  if (result.outcome === 'exited' && result.exitCode === 0) return result.stdout;
  throw new Error(`${argv.join(' ')}: ${describeCommandResult(result)}`);
}

export function describeCommandResult(result: CommandResult): string {
  if (result.outcome === 'notStarted') return `could not be started: ${result.message}`;
  const tail = (result.stderr || result.stdout).slice(-ERROR_TAIL_CHARACTERS).trim();
  if (result.outcome === 'timedOut') return `not finished after ${result.afterMs} ms: ${tail}`;
  return `exit code ${result.exitCode}: ${tail}`;
}
