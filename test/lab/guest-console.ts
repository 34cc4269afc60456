import { open } from 'node:fs/promises';
import { waitUntil } from './wait-until.ts';

export type GuestTick = { readonly number: number; readonly bootId: string; readonly upSeconds: number };

export type GuestBoot = {
  /** ROLE file of the first disk: `orig`, `rescue`, or `none` when there was no readable disk. */
  readonly role: string;
  readonly second: string | null;
  readonly bootId: string;
  /** How often this disk has been booted, counted on the disk itself. */
  readonly boots: number;
  /** SHA-256 of DATA on the first and on the second disk. */
  readonly data: string | null;
  readonly secondData: string | null;
  readonly marker: string;
  /** Tick numbers of this boot seen in this console, in order. */
  readonly ticks: readonly number[];
};

/** A guest that arrived by live migration ticks here without having booted here: then `boots` lacks its boot id. */
export type GuestConsole = {
  readonly boots: readonly GuestBoot[];
  readonly ticks: readonly GuestTick[];
  readonly lastBoot: GuestBoot | null;
  readonly lastTick: GuestTick | null;
};

export type ConsoleWait =
  | { readonly seen: true; readonly console: GuestConsole; readonly elapsedMs: number }
  | { readonly seen: false; readonly console: GuestConsole; readonly message: string };

const CONSOLE_MAX_BYTES = 8 * 1024 * 1024;
const POLL_INTERVAL_MS = 50;
const MESSAGE_TAIL_CHARACTERS = 1500;
const BOOT =
  /LAB BOOT role=(\S+) second=(\S+) boot=([0-9a-f-]{36}) boots=(\d+) data=([0-9a-f]{64}|none) second_data=([0-9a-f]{64}|none) marker=(stock|rescue-ramdisk)/g;
const TICK = /LAB TICK (\d+) boot=([0-9a-f-]{36}) up=(\d+\.\d{2})/g;

/** Reads what the guest said and ignores the rest: kernel noise, the torn line at the end, a half line after a crash. */
export function parseGuestConsole(text: string): GuestConsole {
  const boots: Omit<GuestBoot, 'ticks'>[] = [];
  const ticks: GuestTick[] = [];
  const complete = text.slice(0, text.lastIndexOf('\n') + 1);
  // Not line by line: after a torn line the next one stands on the same line.
  for (const [, number = '', bootId = '', upSeconds = ''] of complete.matchAll(TICK)) {
    ticks.push({ number: Number(number), bootId, upSeconds: Number(upSeconds) });
  }
  for (const match of complete.matchAll(BOOT)) {
    const [, role = '', second = '', bootId = '', count = '', data = '', secondData = '', marker = ''] = match;
    boots.push({
      role,
      second: noneToNull(second),
      bootId,
      boots: Number(count),
      data: noneToNull(data),
      secondData: noneToNull(secondData),
      marker,
    });
  }
  const withTicks = boots.map((boot) => ({ ...boot, ticks: tickNumbersOf(ticks, boot.bootId) }));
  return { boots: withTicks, ticks, lastBoot: withTicks.at(-1) ?? null, lastTick: ticks.at(-1) ?? null };
}

/** The tick numbers of one boot, in the order they were printed. */
export function tickNumbersOf(ticks: readonly GuestTick[], bootId: string): readonly number[] {
  return ticks.filter((tick) => tick.bootId === bootId).map((tick) => tick.number);
}

/** The last 8 MiB of a console file, parsed; a file that does not exist is a console that has said nothing. */
export async function readGuestConsole(path: string): Promise<GuestConsole> {
  return parseGuestConsole(await readTail(path));
}

/** Reads the console again and again until `predicate` holds. Past the deadline the message ends with the console's tail. */
export async function waitForConsole(
  path: string,
  predicate: (console: GuestConsole) => boolean,
  options: { readonly deadlineMs: number },
): Promise<ConsoleWait> {
  const startedAt = performance.now();
  const probe = async (): Promise<GuestConsole | null> => {
    const found = await readGuestConsole(path);
    return predicate(found) ? found : null;
  };
  const console = await waitUntil(probe, { deadlineMs: options.deadlineMs, intervalMs: POLL_INTERVAL_MS });
  if (console !== null) return { seen: true, console, elapsedMs: performance.now() - startedAt };
  const text = await readTail(path);
  const tail = text.slice(-MESSAGE_TAIL_CHARACTERS);
  const message = `${path}: not seen within ${options.deadlineMs} ms; the console ends with:\n${tail}`;
  return { seen: false, console: parseGuestConsole(text), message };
}

async function readTail(path: string): Promise<string> {
  let file;
  try {
    file = await open(path, 'r');
  } catch {
    return '';
  }
  try {
    const { size } = await file.stat();
    const length = Math.min(size, CONSOLE_MAX_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

function noneToNull(word: string): string | null {
  return word === 'none' ? null : word;
}
