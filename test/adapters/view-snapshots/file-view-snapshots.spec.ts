import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryEventStore } from '../../../adapters/event-store/memory-event-store.ts';
import { SystemClock } from '../../../adapters/system/system-clock.ts';
import { FileViewSnapshots } from '../../../adapters/view-snapshots/file-view-snapshots.ts';
import { programDigest } from '../../../adapters/view-snapshots/program-digest.ts';
import { keyPairStream } from '../../../application/catalogue-aggregates.ts';
import type { Log } from '../../../application/ports/log.ts';
import { keepViewSnapshots } from '../../../application/views/keep-view-snapshots.ts';
import { startViews } from '../../../application/views/start-views.ts';
import { Views } from '../../../application/views/views.ts';
import { instant, userId } from '../../../domain/shared/ids.ts';
import { readSnapshot } from '../../support/read-snapshot.ts';

const OWNER = userId('owner');
const EVENTS = 1200;

let directory: string;
let path: string;
let told: string[];
let store: MemoryEventStore;
const log: Log = {
  info: (fields, message) => void told.push(`${message} ${JSON.stringify(fields)}`),
  warn: (_fields, message) => void told.push(message),
  error: (_fields, message) => void told.push(message),
};

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lifeboat-view-snapshots-'));
  path = join(directory, 'events.db.views');
  told = [];
  store = await filled(new MemoryEventStore(new SystemClock()), EVENTS);
});
afterEach(() => rmSync(directory, { recursive: true }));

async function filled(eventStore: MemoryEventStore, count: number, from = 0): Promise<MemoryEventStore> {
  for (let number = from; number < from + count; number += 1) {
    const id = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
    const data = {
      type: 'KeyPairCreated',
      userId: OWNER,
      name: `k\t"${number}" ü`,
      keyType: 'ssh',
      publicKey: 'ssh-ed25519 AAAA',
      fingerprint: '00',
      at: instant('2026-11-23T20:00:00.000Z'),
    } as const;
    const metadata = { correlationId: 'req', causationId: 'req', actor: 'owner' };
    await eventStore.append(keyPairStream(OWNER, `k${number}`), 'none', [{ id, data, metadata }]);
  }
  return eventStore;
}

const snapshots = (program = 'this') => new FileViewSnapshots(path, program, log);

async function started(eventStore = store, program = 'this'): Promise<{ views: Views; isFromSnapshot: boolean }> {
  const views = new Views();
  await startViews({ views, eventStore, snapshots: snapshots(program), log });
  return { views, isFromSnapshot: told.at(-1)?.includes('"snapshot":true') === true };
}

/** As a process that has taken in all events and is asked to stop. */
async function saved(): Promise<Views> {
  const { views } = await started();
  await keepViewSnapshots({ views, snapshots: snapshots(), clock: new SystemClock() }, AbortSignal.abort());
  return views;
}

describe('a snapshot of the views', () => {
  it('spares the next start the replay, which reads only what came later', async () => {
    const before = await saved();
    await filled(store, 10, EVENTS);
    const { views, isFromSnapshot } = await started();
    expect(isFromSnapshot).toBe(true);
    expect(views.keyPairs.ofUser(OWNER)).toHaveLength(EVENTS + 10);
    expect(views.eventsSinceSnapshot).toBe(10);
    const replayed = new Views();
    await replayed.rebuild(store);
    expect(readSnapshot(views)).toEqual(readSnapshot(replayed));
    expect(before.position).toBe(EVENTS);
  });

  it('is for its owner’s eyes, and replaced as a whole', async () => {
    await saved();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(['events.db.views']);
  });

  it('that is wrong in any byte is thrown away', async () => {
    await saved();
    const right = readFileSync(path);
    for (let part = 0; part < 40; part += 1) {
      const wrong = Buffer.from(right);
      const place = Math.floor((part / 40) * wrong.length);
      wrong[place] = (wrong[place] ?? 0) ^ 1;
      writeFileSync(path, wrong);
      const { views, isFromSnapshot } = await started();
      expect([place, isFromSnapshot]).toEqual([place, false]);
      expect(views.keyPairs.ofUser(OWNER)).toHaveLength(EVENTS);
    }
  });

  it.each([0, 1, 500, -1, -100])('that was cut at %i bytes is thrown away', async (length) => {
    await saved();
    const right = readFileSync(path);
    writeFileSync(path, right.subarray(0, length < 0 ? right.length + length : length));
    expect((await started()).isFromSnapshot).toBe(false);
  });

  it('of another program, or of another log, is thrown away', async () => {
    await saved();
    expect((await started(store, 'another')).isFromSnapshot).toBe(false);
    const other = await filled(new MemoryEventStore(new SystemClock()), EVENTS, 5000);
    expect((await started(other)).isFromSnapshot).toBe(false);
    const shorter = await filled(new MemoryEventStore(new SystemClock()), EVENTS - 1);
    const { views, isFromSnapshot } = await started(shorter);
    expect([isFromSnapshot, views.position]).toEqual([false, EVENTS - 1]);
  });

  it('that cannot be written is told of, and nothing else happens', async () => {
    const { views } = await started();
    const snapshot = views.snapshot();
    const nowhere = new FileViewSnapshots(join(directory, 'not', 'there'), 'this', log);
    expect(snapshot !== null && (await nowhere.save(snapshot))).toBe(false);
    expect(told.at(-1)).toBe('The snapshot of the views could not be written.');
  });

  it('is not taken while a view stands still', async () => {
    const data = { type: 'FlavorDeleted', at: instant('2026-11-23T20:00:00.000Z') } as const;
    const metadata = { correlationId: 'req', causationId: 'req', actor: 'a bug' };
    await store.append('flavor-9', 'none', [{ id: '00000000-0000-4000-9000-000000000000', data, metadata }]);
    const views = await saved();
    expect(views.snapshot()).toBeNull();
    expect(readdirSync(directory)).toEqual([]);
  });
});

it('the digest of the program is of its sources', () => {
  expect(programDigest()).toMatch(/^[0-9a-f]{64}$/);
  expect(programDigest()).toBe(programDigest());
});
