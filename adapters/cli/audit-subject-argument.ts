import { InvalidArgumentError } from 'commander';
import { findSubject, type Subject } from '../../application/audit/audit-subject.ts';
import type { EventStore } from '../../application/ports/event-store.ts';

/** For commander: what a server's id, a migration's id or a host's name may look like. */
export function subjectName(text: string): string {
  if (!/^[\w.-]{1,255}$/.test(text)) {
    throw new InvalidArgumentError('expected the id of a server or a migration, or the name of a host');
  }
  return /^[0-9a-f-]{36}$/i.test(text) ? text.toLowerCase() : text;
}

/** Throws a sentence for the operator when the log knows none of that name. */
export async function requireSubject(log: Pick<EventStore, 'readStream'>, name: string): Promise<Subject> {
  const subject = await findSubject(log, name);
  if (subject === null) throw new Error(`the log knows no server, migration or host ${name}`);
  return subject;
}
