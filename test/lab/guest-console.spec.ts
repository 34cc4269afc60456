import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseGuestConsole, waitForConsole } from './guest-console.ts';

const FIRST = '4008f36e-26fe-4a21-9f13-586993b5523e';
const SECOND = 'a22c463b-27ff-4e76-83f6-4f8b6dc8af47';
const DATA = 'f5ab5a89449f04014cc05508ee9c60aab77c7ab81ddbe9c146abf1b4cae1fd59';
const BOOTED = `LAB BOOT role=orig second=none boot=${FIRST} boots=1 data=${DATA} second_data=none marker=stock\r\n`;
const RESCUED = `LAB BOOT role=rescue second=orig boot=${SECOND} boots=2 data=none second_data=${DATA} marker=rescue-ramdisk\r\n`;

describe('the console of the tiny guest', () => {
  it('tells each boot with its disks, and the ticks that belong to it', () => {
    const text = [
      '[    0.000000] Linux version 6.1.0\r\n',
      BOOTED,
      tick(1, FIRST, '2.01'),
      tick(2, FIRST, '2.23'),
      RESCUED,
      tick(1, SECOND, '2.50'),
    ].join('');
    const parsed = parseGuestConsole(text);
    expect(parsed.boots).toEqual([
      {
        role: 'orig',
        second: null,
        bootId: FIRST,
        boots: 1,
        data: DATA,
        secondData: null,
        marker: 'stock',
        ticks: [1, 2],
      },
      {
        role: 'rescue',
        second: 'orig',
        bootId: SECOND,
        boots: 2,
        data: null,
        secondData: DATA,
        marker: 'rescue-ramdisk',
        ticks: [1],
      },
    ]);
    expect(parsed.lastTick).toEqual({ number: 1, bootId: SECOND, upSeconds: 2.5 });
  });

  it('keeps the ticks of a guest that arrived by live migration and never booted here', () => {
    const parsed = parseGuestConsole(tick(14, SECOND, '7.61') + tick(15, SECOND, '7.94'));
    expect(parsed.boots).toEqual([]);
    expect(parsed.ticks.map(({ number }) => number)).toEqual([14, 15]);
  });

  it('never takes a torn line for a whole one, wherever it is torn', () => {
    const whole = tick(12, FIRST, '4.25');
    for (let length = 0; length < whole.length; length += 1) {
      expect(parseGuestConsole(whole.slice(0, length)).ticks).toEqual([]);
      expect(parseGuestConsole(`${whole.slice(0, length)}${tick(13, FIRST, '4.45')}`).ticks.at(-1)?.number).toBe(13);
    }
    for (let length = 0; length < BOOTED.length; length += 1) {
      expect(parseGuestConsole(BOOTED.slice(0, length)).boots).toEqual([]);
    }
  });

  it('reads lines with kernel noise before or after them', () => {
    const noisy = `[    3.1] random: crng init done ${tick(3, FIRST, '3.10').trimEnd()}[    3.2] usb: noise\n`;
    expect(parseGuestConsole(noisy).lastTick).toEqual({ number: 3, bootId: FIRST, upSeconds: 3.1 });
  });

  it('waits for what is asked for and says at the deadline how the console ends', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'lb-'));
    try {
      const path = join(directory, 'console.log');
      const missing = await waitForConsole(path, ({ lastTick }) => lastTick !== null, { deadlineMs: 0 });
      expect(missing.seen).toBe(false);
      writeFileSync(path, `${BOOTED}Kernel panic\n`);
      const booted = await waitForConsole(path, ({ lastBoot }) => lastBoot?.bootId === FIRST, { deadlineMs: 0 });
      expect(booted.seen).toBe(true);
      const ticking = await waitForConsole(path, ({ lastTick }) => lastTick !== null, { deadlineMs: 0 });
      expect(ticking.seen ? '' : ticking.message).toContain('Kernel panic');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

function tick(number: number, bootId: string, up: string): string {
  return `LAB TICK ${number} boot=${bootId} up=${up}\r\n`;
}
