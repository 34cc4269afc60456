import type { Change } from '../../application/audit/state-changes.ts';
import { onOneLine } from './event-text.ts';
import { table } from './text-table.ts';

const VALUE_CHARACTERS_MAX = 40;

/** One line for each field: what it was, what it is, and the event that made it so. */
export function changesText(changes: readonly Change[]): string {
  if (changes.length === 0) return 'Nothing changed.';
  return table(
    ['field', 'before', 'after', 'changed by'],
    changes.map(({ field, before, after, event }) => [
      field,
      shown(before),
      shown(after),
      `${event.position} ${event.data.type} (${event.metadata.actor.slice(0, 12)}, ${event.metadata.correlationId})`,
    ]),
  );
}

/** One object for each field. */
export const changesJson = (changes: readonly Change[]): readonly object[] =>
  changes.map(({ field, before, after, event: { position, recordedAt, data, metadata } }) => ({
    field,
    before,
    after,
    event: { position, recordedAt, type: data.type, actor: metadata.actor, request: metadata.correlationId },
  }));

function shown(value: unknown): string {
  const text = onOneLine(typeof value === 'string' ? value : JSON.stringify(value));
  return text.length <= VALUE_CHARACTERS_MAX ? text : `${text.slice(0, VALUE_CHARACTERS_MAX - 1)}…`;
}
