import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { parseGuestConsole, type GuestBoot, type GuestTick } from '../../lab/guest-console.ts';
import { waitUntil } from '../../lab/wait-until.ts';

export type HeardTick = GuestTick & { readonly host: string; readonly at: number };
type HeardBoot = Omit<GuestBoot, 'ticks'> & { readonly host: string; readonly at: number };

const LOOK_INTERVAL_MS = 40;
const CRASH = /(?:general protection fault|BUG: |Kernel panic)[^\r\n]*/g;
const READ_BYTES_MAX = 1024 * 1024;

/**
 * Listens to a guest's serial console on every host at once, all the time, as nobody inside of the cloud can. Times are
 * those of `performance.now()`, at most one look late.
 */
export class GuestObserver {
  readonly ticks: HeardTick[] = [];
  readonly boots: HeardBoot[] = [];
  /** Ticks that two hosts have said: the guest ran twice. */
  readonly saidTwice: string[] = [];
  /** What the guest's own kernel said when it lost its mind. */
  readonly crashes: string[] = [];
  readonly #consoles: readonly ConsoleFollower[];
  readonly #hostOfTick = new Map<string, string>();
  readonly #timer: NodeJS.Timeout;

  /** `paths`: the console file by host, whether it is there or not. */
  constructor(paths: ReadonlyMap<string, string>) {
    this.#consoles = [...paths].map(([host, path]) => new ConsoleFollower(host, path));
    this.#timer = setInterval(() => this.look(), LOOK_INTERVAL_MS);
  }

  look(): void {
    for (const console of this.#consoles) {
      for (const text of console.read()) this.#hear(console.host, text);
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const console of this.#consoles) console.close();
  }

  get lastTick(): HeardTick | null {
    return this.ticks.at(-1) ?? null;
  }

  /** The first tick that is heard after `since`; null when none comes within the deadline. */
  tickAfter(since: number, deadlineMs: number): Promise<HeardTick | null> {
    return waitUntil(() => this.ticks.findLast(({ at }) => at > since) ?? null, { deadlineMs });
  }

  bootAfter(since: number, deadlineMs: number): Promise<HeardBoot | null> {
    return waitUntil(() => this.boots.find(({ at }) => at > since) ?? null, { deadlineMs });
  }

  /** Longest time between two ticks of one boot, from the last one before `since` on. */
  longestSilenceMs(bootId: string, since: number): number | null {
    const times = this.ticks.filter((tick) => tick.bootId === bootId).map(({ at }) => at);
    const first = times.findLastIndex((at) => at <= since);
    const later = times.slice(Math.max(0, first));
    if (later.length < 2) return null;
    return Math.max(...later.slice(1).map((at, index) => at - (later[index] ?? at)));
  }

  #hear(host: string, text: string): void {
    const at = performance.now();
    for (const [line] of text.matchAll(CRASH)) this.crashes.push(`${host}: ${line}`);
    const { boots, ticks } = parseGuestConsole(text);
    for (const { ticks: _ticks, ...boot } of boots) this.boots.push({ ...boot, host, at });
    for (const tick of ticks) {
      const key = `tick ${tick.number} of boot ${tick.bootId}`;
      const before = this.#hostOfTick.get(key) ?? host;
      if (before !== host) this.saidTwice.push(`${key} on ${before} and on ${host}`);
      this.#hostOfTick.set(key, host);
      this.ticks.push({ ...tick, host, at });
    }
  }
}

/** One console file, read on from where it was left; a new file under the same name is another one. */
class ConsoleFollower {
  readonly host: string;
  readonly #path: string;
  #open: { readonly descriptor: number; readonly inode: number; offset: number; rest: string } | null = null;

  constructor(host: string, path: string) {
    this.host = host;
    this.#path = path;
  }

  /** Complete lines that are new, also the last ones of a file that was removed. */
  read(): readonly string[] {
    const inode = inodeOf(this.#path);
    const texts: string[] = [];
    if (this.#open !== null && this.#open.inode !== inode) {
      texts.push(this.#readOn());
      this.close();
    }
    if (this.#open === null && inode !== null) this.#tryOpen();
    if (this.#open !== null) texts.push(this.#readOn());
    return texts.filter((text) => text !== '');
  }

  close(): void {
    if (this.#open !== null) closeSync(this.#open.descriptor);
    this.#open = null;
  }

  #tryOpen(): void {
    try {
      const descriptor = openSync(this.#path, 'r');
      this.#open = { descriptor, inode: fstatSync(descriptor).ino, offset: 0, rest: '' };
    } catch {
      // Gone in between: the next look tells.
    }
  }

  #readOn(): string {
    const file = this.#open;
    if (file === null) return '';
    const buffer = Buffer.alloc(Math.min(READ_BYTES_MAX, Math.max(0, fstatSync(file.descriptor).size - file.offset)));
    if (buffer.length === 0) return '';
    const read = readSync(file.descriptor, buffer, 0, buffer.length, file.offset);
    file.offset += read;
    const text = file.rest + buffer.toString('utf8', 0, read);
    const end = text.lastIndexOf('\n') + 1;
    file.rest = text.slice(end);
    return text.slice(0, end);
  }
}

function inodeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? null;
}
