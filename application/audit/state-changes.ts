import type { RecordedEvent } from '../ports/event-store.ts';
import { statesAlong, type Subject } from './audit-subject.ts';
import { isUpTo, type Period } from './moment.ts';

/** One field that is not what it was. A field that is not there is null. */
export type Change = {
  /** Path within the state, such as `rescue.images.imageId`; a name with other characters stands in `["…"]`. */
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
  /** The last event of the period that changed it. */
  readonly event: RecordedEvent;
};

/** What became different in a period, in the order in which it did; a field that changed and changed back is none. */
export function changesOf({ kind, stream, history }: Subject, { from, to }: Period): readonly Change[] {
  const own = history.filter((event) => event.stream === stream && isUpTo(event, to));
  const changedBy = new Map<string, RecordedEvent>();
  let begin: Fields = new Map();
  let fields: Fields = begin;
  for (const [index, state] of [...statesAlong(kind, own)].entries()) {
    const event = own[index - 1];
    const next = fieldsOf(state);
    if (event === undefined || isUpTo(event, from)) begin = next;
    else for (const field of differing(fields, next)) changedBy.set(field, event);
    fields = next;
  }
  return [...changedBy]
    .filter(([field]) => textAt(begin, field) !== textAt(fields, field))
    .map(([field, event]) => ({
      field,
      before: begin.get(field) ?? null,
      after: fields.get(field) ?? null,
      event,
    }))
    .toSorted((a, b) => a.event.position - b.event.position || (a.field < b.field ? -1 : 1));
}

type Fields = ReadonlyMap<string, unknown>;

const differing = (before: Fields, after: Fields): readonly string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter((field) => textAt(before, field) !== textAt(after, field));

const textAt = (fields: Fields, field: string): string => JSON.stringify(fields.get(field) ?? null);

/** Every leaf of a JSON value by its path. A list is one leaf: its places have no names. */
function fieldsOf(value: object): Fields {
  return new Map(Object.entries(value).flatMap(([name, item]) => leavesOf(pathTo(name), item)));
}

function leavesOf(path: string, value: unknown): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, value]];
  return Object.entries(value).flatMap(([name, item]) => {
    const part = pathTo(name);
    return leavesOf(part.startsWith('[') ? `${path}${part}` : `${path}.${part}`, item);
  });
}

const pathTo = (name: string): string => (/^[\w-]+$/.test(name) ? name : `[${JSON.stringify(name)}]`);
