import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openSqliteDatabase } from '../../adapters/event-store/open-sqlite-database.ts';
import { SqliteEventStore } from '../../adapters/event-store/sqlite-event-store.ts';
import type { Clock } from '../../application/ports/clock.ts';
import { SetClock } from './event-store.fixture.ts';

/** A directory that goes when the test has ended. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'lifeboat-event-store-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export const newFile = (): string => join(temporaryDirectory(), 'lifeboat.db');

/** A store on that file, closed when the test has ended. */
export async function openStore(path: string, clock: Clock = new SetClock()): Promise<SqliteEventStore> {
  const store = new SqliteEventStore(await openSqliteDatabase(path), clock);
  onTestFinished(() => store.close());
  return store;
}
