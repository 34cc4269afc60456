import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { OpenedEventStore } from '../../adapters/event-store/configured-store.ts';
import { MemoryEventStore } from '../../adapters/event-store/memory-event-store.ts';
import { openEventStore } from '../../adapters/event-store/open-event-store.ts';
import { StoreUnavailable } from '../../application/ports/event-store.ts';
import { newEvents, newStream, SetClock } from './event-store.fixture.ts';
import { newFile, temporaryDirectory } from './sqlite-file.fixture.ts';

const open = (url: string): Promise<OpenedEventStore> =>
  openEventStore({ key: 'LIFEBOAT_EVENT_STORE', url }, new SetClock());

/** What the operator is told who configures that path. */
async function refusal(path: string): Promise<string> {
  const error: unknown = await open(`sqlite:${path}`).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StoreUnavailable);
  return String(error);
}

describe('openEventStore', () => {
  it('opens memory: and sqlite:<path>, events and checkpoints in one', async () => {
    expect((await open('memory:')).eventStore).toBeInstanceOf(MemoryEventStore);
    const url = `sqlite:${newFile()}`;
    const first = await open(url);
    await first.eventStore.append(newStream(), 'none', newEvents(2));
    await first.checkpointStore.save('saga', 2);
    await first.eventStore.close();
    const second = await open(url);
    expect(await second.eventStore.readAll(0, 10)).toHaveLength(2);
    expect(await second.checkpointStore.load('saga')).toBe(2);
    await second.eventStore.close();
  });

  it('creates a file once, when several open it at the same time', async () => {
    const url = `sqlite:${newFile()}`;
    const opened = await Promise.all(Array.from({ length: 4 }, () => open(url)));
    for (const { eventStore } of opened) {
      expect(await eventStore.append(newStream(), 'none', newEvents(1))).toMatchObject({ answer: 'appended' });
      await eventStore.close();
    }
  });

  it.each([
    '',
    'sqlite',
    'sqlite:',
    'sqlite::memory:',
    '/var/lib/lifeboat.db',
    'postgres://db',
    'memory',
    'sqlite:a\0',
  ])('refuses %j, naming the key, what was found and what is expected', async (url) => {
    await expect(open(url)).rejects.toThrow(
      `LIFEBOAT_EVENT_STORE: found ${JSON.stringify(url)}; expected memory: (nothing survives a restart), sqlite:<path`,
    );
  });
});

describe('a path that cannot be an event store', () => {
  it('is refused when its directory is missing or no directory', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'file'), '');
    expect(await refusal(join(directory, 'none', 'a.db'))).toContain(
      `${join(directory, 'none')} does not exist; create`,
    );
    expect(await refusal(join(directory, 'file', 'a.db'))).toContain(`${join(directory, 'file')} is no directory`);
  });

  it('is refused when it is a directory or a device', async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'a.db'));
    expect(await refusal(join(directory, 'a.db'))).toContain('is not a regular file');
    expect(await refusal('/dev/null')).toContain('is not a regular file');
  });

  it.runIf(existsSync('/sys/kernel'))('is refused when the file may not be written', async () => {
    // Nobody may write there, not even root, for whom a file's mode means nothing.
    expect(await refusal('/sys/kernel/lifeboat.db')).toMatch(/permission|cannot be (?:opened|written)/);
  });

  it('is refused and left alone when the file is no database, or somebody else’s', async () => {
    const directory = temporaryDirectory();
    const [text, foreign] = [join(directory, 'text'), join(directory, 'foreign')];
    writeFileSync(text, 'no database at all'.repeat(100));
    const database = new DatabaseSync(foreign);
    database.exec('CREATE TABLE events (position INTEGER)');
    database.close();
    const before = readFileSync(foreign);
    expect(await refusal(text)).toContain('the file is no SQLite database: name another file');
    expect(await refusal(foreign)).toContain('is an SQLite database but no Lifeboat event store');
    expect(readFileSync(foreign).equals(before)).toBe(true);
  });

  it('is refused when a newer Lifeboat made its tables', async () => {
    const path = newFile();
    await (await open(`sqlite:${path}`)).eventStore.close();
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 3');
    database.close();
    expect(await refusal(path)).toContain('has the tables of version 3, this Lifeboat knows 2: upgrade Lifeboat');
  });
});
