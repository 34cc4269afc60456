import { InvalidArgumentError } from 'commander';
import { fleetAt } from '../../application/audit/audit-fleet.ts';
import { findSubject, type Subject } from '../../application/audit/audit-subject.ts';
import { NOW } from '../../application/audit/moment.ts';
import type { EventStore } from '../../application/ports/event-store.ts';

/** For commander: what a server's id, a migration's id or a host's name may look like. */
export function subjectName(text: string): string {
  if (!/^[\w.-]{1,255}$/.test(text)) {
    throw new InvalidArgumentError('expected the id of a server or a migration, or the name of a host');
  }
  return /^[0-9a-f-]{36}$/i.test(text) ? text.toLowerCase() : text;
}

type Log = Pick<EventStore, 'readStream' | 'readAll'>;

/**
 * Throws a sentence for the operator when the log knows none of that name. A migration may be named by its integer too,
 * as the API and `lifeboat migrations` show it; integers are counted, so the whole log is read for one.
 */
export async function requireSubject(log: Log, name: string): Promise<Subject> {
  const subject = (await findSubject(log, name)) ?? (await findByNumber(log, name));
  if (subject !== null) return subject;
  throw new Error(`the log knows no server, migration or host ${name}; a server is named by its id`);
}

async function findByNumber(log: Log, name: string): Promise<Subject | null> {
  if (!/^\d{1,9}$/.test(name)) return null;
  const { migrations } = await fleetAt(log, NOW);
  const row = [...migrations.all()].find(({ number }) => number === Number(name));
  return row === undefined ? null : findSubject(log, row.migrationId);
}
