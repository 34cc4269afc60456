import { APPEND_EVENTS_MAX, type EventMetadata, type NewEvent } from '../../application/ports/event-store.ts';
import type { ExpectedRevision, StreamName } from '../../application/ports/event-store.ts';
import { encodeEvent, type StoredEvent } from './event-codec.ts';

/** UTF-16 units in a stream name and in each metadata text: what EventStoreDB and an index both bear. */
export const NAME_LENGTH_MAX = 512;

/** What comes before the first `-` of a stream's name; with it, a server that others use too tells what is ours. */
export const STREAM_CATEGORIES = [
  'instance',
  'migrationSaga',
  'computeService',
  'keyPair',
  'serverGroup',
  'view',
  'flavor',
] as const satisfies readonly (StreamName extends `${infer Category}-${string}` ? Category : never)[];

export type CheckedEvent = StoredEvent & { readonly id: string; readonly metadata: EventMetadata };

/** One append after every check that needs no store. */
export type CheckedAppend = {
  readonly stream: StreamName;
  /** Revision that the first event will have. */
  readonly firstRevision: number;
  readonly events: readonly CheckedEvent[];
};

/** Throws for whatever no caller may ask for; what a caller may ask and not get is an answer, given by the store. */
export function checkAppend(
  stream: StreamName,
  expected: ExpectedRevision,
  events: readonly NewEvent[],
): CheckedAppend {
  if (!STREAM.test(stream) || !storableText(stream)) {
    throw new Error(`stream ${JSON.stringify(stream)} is not <category>-<id> of at most ${NAME_LENGTH_MAX} characters`);
  }
  if (expected !== 'none' && !(Number.isSafeInteger(expected) && expected >= 0)) {
    throw new Error(`expected revision ${String(expected)} is neither 'none' nor a whole number from 0`);
  }
  if (events.length < 1 || events.length > APPEND_EVENTS_MAX) {
    throw new Error(`an append holds 1 to ${APPEND_EVENTS_MAX} events, not ${events.length}`);
  }
  if (events.length > 1 && new Set(events.map((event) => event.id)).size < events.length) {
    throw new Error(`an append to ${stream} names the same event id twice`);
  }
  return { stream, firstRevision: expected === 'none' ? 0 : expected + 1, events: events.map(checkEvent) };
}

/** How an append ends when its ids are taken: an id names one event for ever, so this is the caller's bug. */
export const idTakenElsewhere = (append: CheckedAppend): Error =>
  new Error(`an append to ${append.stream} names an event id that is already recorded at another place`);

const STREAM = new RegExp(`^(?:${STREAM_CATEGORIES.join('|')})-.`);
/** Lower case, so that one UUID has one spelling. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function checkEvent(event: NewEvent): CheckedEvent {
  if (!UUID.test(event.id)) throw new Error(`event id ${JSON.stringify(event.id)} is not a lower-case UUID`);
  const { correlationId, causationId, actor } = event.metadata;
  for (const text of [correlationId, causationId, actor]) {
    if (!storableText(text)) throw new Error(`event ${event.id} has metadata that is no text: ${JSON.stringify(text)}`);
  }
  const { type, schemaVersion, data } = encodeEvent(event.data);
  return { type, schemaVersion, data, id: event.id, metadata: { correlationId, causationId, actor } };
}

/** Half a surrogate pair or a NUL would come back from a store as something else. No pattern: each append asks 4 times. */
const storableText = (text: string): boolean =>
  text.length > 0 && text.length <= NAME_LENGTH_MAX && text.isWellFormed() && !text.includes('\0');
