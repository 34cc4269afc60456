import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { newEvents, newStream } from '../../contracts/event-store.fixture.ts';
import { newFile, openStore } from '../../contracts/sqlite-file.fixture.ts';
import { LIFEBOAT, runLifeboatInto } from './run-lifeboat.ts';

const PROGRAMS_TIMEOUT_MS = 60_000;
const line = z.looseObject({ position: z.string() });

/** Follows until `count` lines were read, then asks it to end as Ctrl-C does. */
async function positionsOf(count: number, args: readonly string[]): Promise<readonly string[]> {
  const child = spawn(process.execPath, [LIFEBOAT, 'events', 'follow', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const positions: string[] = [];
  for await (const text of createInterface({ input: child.stdout })) {
    positions.push(line.parse(JSON.parse(text)).position);
    if (positions.length === count) child.kill('SIGINT');
  }
  expect(await ended).toEqual([0, null]);
  return positions;
}

describe('lifeboat events follow', { timeout: PROGRAMS_TIMEOUT_MS }, () => {
  it('writes what is recorded and what comes, ends at SIGINT, and goes on behind its checkpoint', async () => {
    const path = newFile();
    const store = await openStore(path);
    await store.append(newStream(), 'none', newEvents(3));
    const checkpoint = join(dirname(path), 'position');
    const options = ['--store', `sqlite:${path}`, '--checkpoint', checkpoint];
    const following = positionsOf(3, [...options, '--from', '1']);
    await store.append(newStream(), 'none', newEvents(1));
    expect(await following).toEqual(['2', '3', '4']);
    expect(readFileSync(checkpoint, 'utf8')).toBe('4\n');
    await store.append(newStream(), 'none', newEvents(2));
    expect(await positionsOf(2, options)).toEqual(['5', '6']);
  });

  it('ends when nobody reads any more, and does not count what nobody has read', async () => {
    const path = newFile();
    const store = await openStore(path);
    await store.append(newStream(), 'none', newEvents(1000));
    const checkpoint = join(dirname(path), 'position');
    const args = ['events', 'follow', '--store', `sqlite:${path}`, '--checkpoint', checkpoint];
    const cut = await runLifeboatInto('| head -n 1', ...args);
    expect(cut).toMatchObject({ status: 0, stderr: '' });
    expect(cut.stdout).toMatch(/^ +1 {2}.* InstanceScheduled .* host=compute-0\n$/);
    expect(() => readFileSync(checkpoint)).toThrow('ENOENT');
  });
});
