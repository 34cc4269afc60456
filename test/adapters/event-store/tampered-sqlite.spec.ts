import { describe, expect, it } from 'vitest';
import { newEvents, newStream } from '../../contracts/event-store.fixture.ts';
import { openStore } from '../../contracts/sqlite-file.fixture.ts';
import { anchorOf, chainAnew, EVENTS, filledFile, tamper, verify } from './tampered-log.fixture.ts';

const swap = (one: number, other: number): string =>
  `UPDATE events SET position = 1000 WHERE position = ${one};
   UPDATE events SET position = ${one} WHERE position = ${other};
   UPDATE events SET position = ${other} WHERE position = 1000`;
/** The rows change places, their hashes stay where they were. */
const swapContents = (one: number, other: number): string =>
  `CREATE TEMP TABLE kept AS SELECT position, hash FROM events; ${swap(one, other)};
   UPDATE events SET hash = (SELECT hash FROM kept WHERE kept.position = events.position)`;
const insertAt = (position: number): string =>
  `UPDATE events SET position = -position - 1 WHERE position >= ${position};
   UPDATE events SET position = -position WHERE position < 0;
   INSERT INTO events SELECT ${position}, 'instance-forged', 0, 'forged', type, 1, data, 'c', 'c', 'a', recorded_at, hash
     FROM events LIMIT 1`;
const removeAndClose = (position: number): string =>
  `DELETE FROM events WHERE position = ${position};
   UPDATE events SET position = -position + 1 WHERE position > ${position};
   UPDATE events SET position = -position WHERE position < 0`;

const COLUMNS = {
  stream: `'instance-other'`,
  revision: '77',
  id: `'11111111-1111-4111-8111-111111111111'`,
  type: `'InstanceLocked'`,
  schema_version: '2',
  data: `replace(data, 'compute', 'intruder')`,
  correlation_id: `'req-2'`,
  causation_id: `'req-2'`,
  actor: `'nobody'`,
  recorded_at: `'2025-01-01T00:00:00.000Z'`,
};

describe('a log in SQLite that was altered behind the back of its triggers', () => {
  it('is as recorded while nobody has', async () => {
    const url = `sqlite:${await filledFile()}`;
    const verification = await verify(url, [await anchorOf(url)]);
    expect(verification).toMatchObject({ events: EVENTS, position: EVENTS, anchorsHeld: 1, finding: null });
  });

  it('is as recorded although two append by turns and at once, conflict, and repeat themselves', async () => {
    const path = await filledFile();
    const [one, two] = [await openStore(path), await openStore(path)];
    const streams = Array.from({ length: 8 }, newStream);
    for (const stream of streams) {
      const [first, both] = [newEvents(2), newEvents(1)];
      await one.append(stream, 'none', first);
      await two.append(stream, 'none', first);
      await Promise.all([one, two].map((store) => store.append(stream, 1, newEvents(1))));
      await Promise.all(
        [one, two, one].map((store, index) => store.append(newStream(), 'none', index < 2 ? newEvents(1) : both)),
      );
    }
    const { events, position, finding } = await verify(`sqlite:${path}`);
    expect(finding).toBeNull();
    expect({ events, position }).toEqual({
      events: EVENTS + 6 * streams.length,
      position: EVENTS + 6 * streams.length,
    });
  });

  it.each(Object.entries(COLUMNS))('is found out when %s was changed', async (column, value) => {
    const path = await filledFile();
    tamper(path, `UPDATE events SET ${column} = ${value} WHERE position = 17`);
    expect((await verify(`sqlite:${path}`)).finding).toMatchObject({ kind: 'changed', position: 17 });
  });

  it.each([1, 17, EVENTS])('names the changed event at %i, with its id', async (position) => {
    const path = await filledFile();
    tamper(path, `UPDATE events SET actor = 'nobody' WHERE position = ${position}`);
    const { finding, events } = await verify(`sqlite:${path}`);
    expect(finding).toMatchObject({ kind: 'changed', position, event: { type: 'InstanceScheduled' } });
    expect(events).toBe(position - 1);
  });

  it.each([
    ['missing', 9, 'DELETE FROM events WHERE position = 9'],
    ['missing', 1, 'DELETE FROM events WHERE position = 1'],
    ['missing', 9, 'DELETE FROM events WHERE position BETWEEN 9 AND 12'],
    ['missing', 9, removeAndClose(9)],
    ['inserted', 9, insertAt(9)],
    ['inserted', 1, insertAt(1)],
    ['reordered', 9, swap(9, 10)],
    ['reordered', 9, swap(9, 20)],
    ['reordered', 9, swapContents(9, 10)],
  ])('names what is %s at %i', async (kind, position, statements) => {
    const path = await filledFile();
    tamper(path, statements);
    expect((await verify(`sqlite:${path}`)).finding).toMatchObject({ kind, position });
  });

  it('names the event behind one that was changed together with its hash', async () => {
    const path = await filledFile();
    tamper(path, `UPDATE events SET actor = 'nobody' WHERE position = 17`);
    chainAnew(path, 17, 17);
    expect((await verify(`sqlite:${path}`)).finding).toMatchObject({ kind: 'changed', position: 18 });
  });

  it('is found out by anchors when its end was cut off, or its hashes were made anew', async () => {
    const path = await filledFile();
    const url = `sqlite:${path}`;
    const early = await anchorOf(url);
    const store = await openStore(path);
    await store.append('instance-later', 'none', newEvents(5));
    await store.close();
    const late = await anchorOf(url);
    tamper(path, 'DELETE FROM events WHERE position > 32');
    const cut = await verify(url, [late, early]);
    expect(cut).toMatchObject({ anchorsHeld: 1, finding: { kind: 'truncated', position: 33 } });
    expect((await verify(url)).finding).toBeNull();
    tamper(path, `UPDATE events SET actor = 'nobody' WHERE position = 17`);
    chainAnew(path, 17);
    expect((await verify(url)).finding).toBeNull();
    const rewritten = await verify(url, [late, early]);
    expect(rewritten).toMatchObject({ anchorsHeld: 0, finding: { kind: 'rewritten', position: 1 } });
  });

  it('says between which anchors it was rewritten', async () => {
    const path = await filledFile();
    const url = `sqlite:${path}`;
    const early = await anchorOf(url);
    const store = await openStore(path);
    await store.append('instance-later', 'none', newEvents(5));
    await store.close();
    const late = await anchorOf(url);
    tamper(path, `UPDATE events SET actor = 'nobody' WHERE position = 34`);
    chainAnew(path, 34);
    const { finding, anchorsHeld } = await verify(url, [early, late]);
    expect(anchorsHeld).toBe(1);
    expect(finding).toMatchObject({ kind: 'rewritten', position: 31, message: expect.stringContaining('31 to 35') });
  });
});
