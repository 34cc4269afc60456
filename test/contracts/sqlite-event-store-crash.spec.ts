import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../../application/ports/event-store.ts';
import { verify } from '../adapters/event-store/tampered-log.fixture.ts';
import { newEvents, newStream } from './event-store.fixture.ts';
import { newFile, openStore } from './sqlite-file.fixture.ts';

const CRASHES = 3;
const ACKNOWLEDGED_MIN = 50;

describe('SqliteEventStore, killed in the middle of appends', () => {
  it('has lost no acknowledged event, and keeps every append whole', { timeout: 30_000 }, async () => {
    const path = newFile();
    const acknowledged: string[] = [];
    for (let crash = 0; crash < CRASHES; crash += 1) acknowledged.push(...(await appendUntilKilled(path)));
    const store = await openStore(path);
    const log: RecordedEvent[] = [];
    for await (const event of store.subscribe(0, AbortSignal.timeout(500))) log.push(event);
    const recorded = new Set(log.map(({ id }) => id));
    expect(acknowledged.length).toBeGreaterThanOrEqual(CRASHES * ACKNOWLEDGED_MIN);
    expect(acknowledged.filter((id) => !recorded.has(id))).toEqual([]);
    for (const events of Map.groupBy(log, ({ stream }) => stream).values()) {
      expect(events.map(({ revision }) => revision)).toEqual(events.map((_, index) => index));
      expect(events.length % 3).toBe(0);
    }
    expect(await store.append(newStream(), 'none', newEvents(1))).toMatchObject({ answer: 'appended' });
    expect(await verify(`sqlite:${path}`)).toMatchObject({ events: log.length + 1, finding: null });
  });
});

/** Starts a process that appends, kills it without warning and returns the ids it had told of before. */
async function appendUntilKilled(path: string): Promise<readonly string[]> {
  const program = join(import.meta.dirname, 'append-until-killed.ts');
  const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    told += text;
    if (told.split(/\s/).length > ACKNOWLEDGED_MIN) child.kill('SIGKILL');
  });
  await ended;
  // What follows the last line break may have been cut off in the middle.
  return told.slice(0, told.lastIndexOf('\n')).split(/\s/);
}
