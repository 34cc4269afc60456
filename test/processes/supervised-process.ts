import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const PROGRAM = fileURLToPath(new URL('../../adapters/cli/lifeboat.ts', import.meta.url));
const RESTART_MS = 200;
const END_DEADLINE_MS = 40_000;
const LINES_MAX = 400;

const logLine = z.looseObject({ msg: z.string(), url: z.string().optional() });

/** One command of the program as a process of its own, started again whenever it ends, as by a service manager. */
export class SupervisedProcess {
  readonly name: string;
  /** What it has said lately, in whichever of its lives. */
  readonly lines: string[] = [];
  readonly #args: readonly string[];
  #child: ChildProcess | null = null;
  #ending = false;
  #isStopped = false;
  #url: string | null = null;
  #isReady = false;
  starts = 0;

  constructor(name: string, args: readonly string[]) {
    this.name = name;
    this.#args = args;
    this.#start();
  }

  /** Of its API; null before the first greeting, and between two lives. */
  get url(): string | null {
    return this.#url;
  }

  /** It has said that it serves. */
  get isReady(): boolean {
    return this.#isReady;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  kill(): void {
    this.#signal('SIGKILL');
  }

  /** SIGSTOP: it does nothing any more, and knows nothing of it. */
  stop(): void {
    this.#isStopped = this.#signal('SIGSTOP');
  }

  resume(): void {
    this.#signal('SIGCONT');
    this.#isStopped = false;
  }

  /** Ends it in good order, and for good; answers whether it did so in time. */
  async end(): Promise<boolean> {
    this.#ending = true;
    this.resume();
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return true;
    const ended = new Promise<true>((resolve) => {
      child.once('exit', () => resolve(true));
    });
    child.kill('SIGTERM');
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), END_DEADLINE_MS);
    });
    const inTime = await Promise.race([ended, late]);
    clearTimeout(timer);
    if (!inTime) child.kill('SIGKILL');
    return inTime;
  }

  #signal(signal: NodeJS.Signals): boolean {
    return this.#child?.kill(signal) ?? false;
  }

  #start(): void {
    this.starts += 1;
    const child = spawn(process.execPath, [PROGRAM, ...this.#args], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    createInterface({ input: child.stderr }).on('line', (line) => this.#said(line));
    child.once('exit', (code, signal) => {
      this.#note(`ended: ${signal ?? code}`);
      this.#url = null;
      this.#isReady = false;
      this.#isStopped = false;
      if (!this.#ending) setTimeout(() => this.#ending || this.#start(), RESTART_MS);
    });
  }

  #said(line: string): void {
    this.#note(line);
    const parsed = logLine.safeParse(line.startsWith('{') ? JSON.parse(line) : null);
    if (!parsed.success) return;
    const { msg, url } = parsed.data;
    if (url !== undefined && msg.startsWith('The Compute API is at')) this.#url = url;
    if (msg.startsWith('The Compute API is at') || msg.endsWith('is at work')) this.#isReady = true;
  }

  #note(line: string): void {
    this.lines.push(`${new Date().toISOString()} ${line}`);
    if (this.lines.length > LINES_MAX) this.lines.shift();
  }
}
