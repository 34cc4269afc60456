import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EventUnreadable } from '../../../application/ports/event-store.ts';
import { Views } from '../../../application/views/views.ts';
import { newEvents, newStream } from '../../contracts/event-store.fixture.ts';
import { newServer, storeOn } from '../../contracts/eventstoredb.fixture.ts';
import { newFile, openStore } from '../../contracts/sqlite-file.fixture.ts';
import { appendAsNewer, NEWER_EVENTS, type NewerEvent } from '../../support/other-lifeboat.ts';
import { LIFEBOAT, runLifeboat } from './run-lifeboat.ts';

const PROGRAMS_TIMEOUT_MS = 60_000;
const kinds: readonly NewerEvent[] = ['a later version', 'an unknown type'];

describe.each(kinds)('a log with %s of an event', (kind) => {
  it.each([
    ['SQLite', async () => openStore(newFile())],
    ['EventStoreDB', async () => storeOn((await newServer()).url)],
  ])('is not read by an older Lifeboat on %s', async (_name, open) => {
    const store = await open();
    await appendAsNewer(store, kind);
    const read = new Views().rebuild(store);
    await expect(read).rejects.toThrow(EventUnreadable);
    await expect(read).rejects.toThrow(NEWER_EVENTS[kind]);
    await expect(read).rejects.toThrow(/upgrade this one|upgrade this Lifeboat/);
  });
});

describe('an older Lifeboat', () => {
  it('ends every command at the newer event, with the events before it', { timeout: PROGRAMS_TIMEOUT_MS }, async () => {
    const path = newFile();
    const store = await openStore(path);
    await store.append(newStream(), 'none', newEvents(2));
    await appendAsNewer(store, 'a later version');
    const sentence = `lifeboat: ${NEWER_EVENTS['a later version']} 3 was written by a newer Lifeboat; upgrade this one`;
    for (const command of [
      ['audit', 'show'],
      ['audit', 'export'],
      ['events', 'follow', '--json'],
    ]) {
      const { status, stdout, stderr } = await runLifeboat(...command, '--store', `sqlite:${path}`);
      expect({ command, status, stderr }).toEqual({ command, status: 1, stderr: `${sentence}\n` });
      expect(stdout.split('\n').filter((line) => line !== '')).toHaveLength(command[1] === 'show' ? 0 : 2);
    }
  });

  it('ends its server when such an event comes, and says so', { timeout: PROGRAMS_TIMEOUT_MS }, async () => {
    const path = newFile();
    const configuration = join(dirname(path), 'lifeboat.json');
    const settings = {
      listen: { port: 0 },
      store: `sqlite:${path}`,
      hypervisor: 'simulated',
      images: { kind: 'simulated' },
    };
    writeFileSync(configuration, JSON.stringify({ ...settings, hosts: [{ name: 'compute-1' }] }));
    const server = spawn(process.execPath, [LIFEBOAT, 'serve', '--config', configuration], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    onTestFinished(() => void server.kill('SIGKILL'));
    const ended = once(server, 'exit');
    let said = '';
    for await (const line of createInterface({ input: server.stderr })) {
      said += `${line}\n`;
      if (line.includes('The Compute API is at')) await appendAsNewer(await openStore(path), 'an unknown type');
    }
    expect((await ended)[0]).toBe(1);
    expect(said).toContain(NEWER_EVENTS['an unknown type']);
    expect(said).toContain('upgrade this Lifeboat if a newer one wrote it');
  });
});
