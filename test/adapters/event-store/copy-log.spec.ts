import { serialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import type { LogTarget } from '../../../adapters/event-store/stored-log.ts';
import { NO_PROGRESS } from '../../../adapters/event-store/progress.ts';
import { copyLog } from '../../../adapters/event-store/transfer/copy-log.ts';
import type { EventStore } from '../../../application/ports/event-store.ts';
import { Views } from '../../../application/views/views.ts';
import { instant } from '../../../domain/shared/ids.ts';
import { AUDITED_HISTORY, memoryStore, record } from '../../application/audited-log.fixture.ts';
import { newEvents, newStream, SetClock } from '../../contracts/event-store.fixture.ts';
import { newServer, storeOn } from '../../contracts/eventstoredb.fixture.ts';
import { newFile, openStore } from '../../contracts/sqlite-file.fixture.ts';
import { anchorOf, openLog, verify } from './tampered-log.fixture.ts';
import { readSnapshot } from '../../support/read-snapshot.ts';

const EVENTS = AUDITED_HISTORY.length;

/** A file with a server that was created and migrated, one event a second. */
async function recordedFile(): Promise<string> {
  const path = newFile();
  const clock = new SetClock();
  const store = await openStore(path, clock);
  await record(store, clock);
  await store.close();
  return path;
}

const copy = async (from: string, to: string, resume = false): Promise<{ events: number; copied: number }> =>
  copyLog(await openLog(from), await openLog(to, 'target'), { resume, progress: NO_PROGRESS });

/** Everything that is recorded about an event, but for its position. */
async function contentIn(store: EventStore): Promise<readonly object[]> {
  return (await store.readAll(0, 1000)).map((event) => ({ ...event, position: null }));
}

async function viewBytes(store: EventStore): Promise<Buffer> {
  const views = new Views();
  await views.rebuild(store);
  return serialize(readSnapshot(views).views);
}

/** The same events at the same times, as this process would have recorded them. */
async function inMemory(store: EventStore): Promise<EventStore> {
  const clock = new SetClock();
  const memory = await memoryStore(clock);
  for (const { stream, revision, recordedAt, id, data, metadata } of await store.readAll(0, 1000)) {
    clock.time = instant(recordedAt);
    await memory.append(stream, revision === 0 ? 'none' : revision - 1, [{ id, data, metadata }]);
  }
  return memory;
}

/** A target that fails at its n-th write, as a process that is killed there. */
function failingAt(writes: number, target: LogTarget): LogTarget {
  let left = writes;
  return {
    chain: target.chain,
    halfway: target.halfway,
    count: () => target.count(),
    pages: () => target.pages(),
    commit: () => target.commit(),
    close: () => target.close(),
    write: async (entries) => {
      for (const entry of entries) {
        if (left === 0) throw new Error('killed');
        left -= 1;
        await target.write([entry]);
      }
    },
  };
}

describe('a log that is moved', () => {
  it('is the same in SQLite, in EventStoreDB and back, in time and order, and its anchors hold', async () => {
    const [first, server, second] = [await recordedFile(), await newServer(), newFile()];
    const urls = [`sqlite:${first}`, server.url, `sqlite:${second}`] as const;
    const anchor = await anchorOf(urls[0]);
    expect(await copy(urls[0], urls[1])).toEqual({ events: EVENTS, copied: EVENTS });
    expect(await copy(urls[1], urls[2])).toEqual({ events: EVENTS, copied: EVENTS });
    for (const url of urls) {
      expect(await verify(url, [anchor])).toMatchObject({
        events: EVENTS,
        unchained: 0,
        anchorsHeld: 1,
        finding: null,
      });
    }
    const original = await contentIn(await openStore(first));
    expect(original).toHaveLength(EVENTS);
    expect(await contentIn(storeOn(server.url))).toEqual(original);
    expect(await contentIn(await openStore(second))).toEqual(original);
  });

  it('gives the same views, byte for byte, from memory, SQLite and EventStoreDB', async () => {
    const [path, server] = [await recordedFile(), await newServer()];
    await copy(`sqlite:${path}`, server.url);
    const sqlite = await openStore(path);
    const bytes = await viewBytes(sqlite);
    expect(bytes.length).toBeGreaterThan(1000);
    expect((await viewBytes(await inMemory(sqlite))).equals(bytes)).toBe(true);
    expect((await viewBytes(storeOn(server.url))).equals(bytes)).toBe(true);
  });

  it('can be appended to afterwards, in the same chain', async () => {
    const [path, server, back] = [await recordedFile(), await newServer(), newFile()];
    await copy(`sqlite:${path}`, server.url);
    await storeOn(server.url).append(newStream(), 'none', newEvents(2));
    await copy(server.url, `sqlite:${back}`);
    await (await openStore(back)).append(newStream(), 'none', newEvents(2));
    expect(await verify(`sqlite:${back}`)).toMatchObject({ events: EVENTS + 4, position: EVENTS + 4, finding: null });
  });

  it('is not written over another', async () => {
    const [from, to, server] = [`sqlite:${await recordedFile()}`, `sqlite:${await recordedFile()}`, await newServer()];
    await storeOn(server.url).append(newStream(), 'none', newEvents(1));
    await expect(copy(from, to)).rejects.toThrow('the target is not empty');
    await expect(copy(from, server.url)).rejects.toThrow('--resume goes on');
    await expect(copy(from, server.url, true)).rejects.toThrow("is not the source's at 1");
    expect(await verify(server.url)).toMatchObject({ events: 1 });
  });

  it('is not begun in SQLite, and goes on in EventStoreDB, after it was interrupted', async () => {
    const [path, server, file] = [await recordedFile(), await newServer(), newFile()];
    const from = `sqlite:${path}`;
    for (const to of [server.url, `sqlite:${file}`]) {
      const target = failingAt(7, await openLog(to, 'target'));
      await expect(copyLog(await openLog(from), target, { resume: false, progress: NO_PROGRESS })).rejects.toThrow(
        'killed',
      );
      await target.close();
    }
    expect(await verify(`sqlite:${file}`)).toMatchObject({ events: 0 });
    expect(await verify(server.url)).toMatchObject({ events: 7, finding: null });
    expect(await copy(from, server.url, true)).toEqual({ events: EVENTS, copied: EVENTS - 7 });
    expect(await copy(from, server.url, true)).toEqual({ events: EVENTS, copied: 0 });
    expect(await verify(server.url)).toMatchObject({ events: EVENTS, finding: null });
  });

  it('says so when the source has grown meanwhile, and takes up what is new', async () => {
    const [path, file] = [await recordedFile(), newFile()];
    const [source, store] = [await openLog(`sqlite:${path}`), await openStore(path)];
    const target = await openLog(`sqlite:${file}`, 'target');
    const growing: LogTarget = {
      ...failingAt(Number.POSITIVE_INFINITY, target),
      write: async (entries) => {
        await target.write(entries);
        await store.append(newStream(), 'none', newEvents(1));
      },
    };
    await expect(copyLog(source, growing, { resume: false, progress: NO_PROGRESS })).rejects.toThrow(
      'the source has grown',
    );
    await target.close();
    expect(await copy(`sqlite:${path}`, `sqlite:${file}`)).toMatchObject({ events: EVENTS + 1 });
  });
});
