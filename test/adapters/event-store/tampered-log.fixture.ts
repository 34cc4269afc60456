import { DatabaseSync } from 'node:sqlite';
import { generateKeyPairSync } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { type CheckedAnchor, signAnchor } from '../../../adapters/event-store/evidence/anchor.ts';
import { type Verification, verifyLog } from '../../../adapters/event-store/evidence/verify-log.ts';
import { CHAIN_START, logHash } from '../../../adapters/event-store/event-chain.ts';
import { openStoredLog } from '../../../adapters/event-store/open-stored-log.ts';
import { NO_PROGRESS } from '../../../adapters/event-store/progress.ts';
import { entriesOf, LOG_ENTRY_COLUMNS } from '../../../adapters/event-store/sqlite-log-entry.ts';
import type { LogTarget } from '../../../adapters/event-store/stored-log.ts';
import type { EventStore } from '../../../application/ports/event-store.ts';
import { newEvents, newStream } from '../../contracts/event-store.fixture.ts';
import { newFile, openStore } from '../../contracts/sqlite-file.fixture.ts';

/** Events in a log of `fillLog`. */
export const EVENTS = 30;
const STREAM_EVENTS = 10;

/** Three streams, one behind the other. */
export async function fillLog(store: EventStore): Promise<void> {
  for (let filled = 0; filled < EVENTS; filled += STREAM_EVENTS) {
    const { answer } = await store.append(newStream(), 'none', newEvents(STREAM_EVENTS));
    if (answer !== 'appended') throw new Error(`the log cannot be filled: ${answer}`);
  }
}

/** A closed SQLite file with `EVENTS` events at the positions from 1. */
export async function filledFile(): Promise<string> {
  const path = newFile();
  const store = await openStore(path);
  await fillLog(store);
  await store.close();
  return path;
}

export async function openLog(url: string, wanted: 'existing' | 'target' = 'existing'): Promise<LogTarget> {
  const log = await openStoredLog({ key: '--store', url }, wanted, NO_PROGRESS);
  onTestFinished(() => log.close());
  return log;
}

export async function verify(url: string, anchors: readonly CheckedAnchor[] = []): Promise<Verification> {
  return verifyLog(await openLog(url), anchors, NO_PROGRESS);
}

/** What an operator has signed when the log was as it is now. */
export async function anchorOf(url: string): Promise<CheckedAnchor> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const anchor = signAnchor(await verify(url), '2026-03-02T00:00:00.000Z', privateKey);
  return { file: 'kept.anchor', anchor, fingerprint: 'SHA256:operator' };
}

/** As an intruder who may write the file, and knows the triggers. */
export function tamper(path: string, ...statements: readonly string[]): void {
  const database = new DatabaseSync(path);
  database.exec('DROP TRIGGER IF EXISTS events_are_never_changed; DROP TRIGGER IF EXISTS events_are_never_deleted');
  for (const statement of statements) database.exec(statement);
  database.close();
}

/** As one who also knows how hashes are made: the events from `first` to `last` are chained anew. */
export function chainAnew(path: string, first: number, last = Number.MAX_SAFE_INTEGER): void {
  const database = new DatabaseSync(path);
  const rows = database.prepare(`SELECT ${LOG_ENTRY_COLUMNS}, hash FROM events ORDER BY position`);
  rows.setReturnArrays(true);
  const update = database.prepare('UPDATE events SET hash = ? WHERE position = ?');
  let previous = CHAIN_START;
  for (const entry of entriesOf(rows.all())) {
    const isNew = entry.position >= first && entry.position <= last;
    previous = isNew ? logHash(previous, entry.position, entry) : (entry.hash ?? '');
    if (isNew) update.run(previous, entry.position);
  }
  database.close();
}
