import { type DomainEvent, EventUnreadable } from '../../application/ports/event-store.ts';
import { currentVersion, EVENT_REGISTRY, type EventDefinition, type EventRegistry } from './event-registry.ts';

/** One event's JSON text, in UTF-8 bytes. Far above any domain XML, far below what a store or a reader chokes on. */
export const EVENT_BYTES_MAX = 1_048_576;

/** An event as every store keeps it. `data` is the JSON text of the whole event, `type` included. */
export type StoredEvent = { readonly type: string; readonly schemaVersion: number; readonly data: string };

/** For a store's `append`. Throws for an event that its schema refuses or that is too large: both are bugs. */
export function encodeEvent(event: DomainEvent): StoredEvent {
  return encodeWith(EVENT_REGISTRY, event);
}

/** For a store's reads. Throws `EventUnreadable`, naming the position, what was found and what to do. */
export function decodeEvent(stored: StoredEvent, position: number): DomainEvent {
  return decodeWith(EVENT_REGISTRY, stored, position);
}

/** `encodeEvent` with a registry of the caller's: upcasters are tested without inventing events. */
export function encodeWith<Event extends { readonly type: string }>(
  registry: EventRegistry<Event>,
  event: Event,
): StoredEvent {
  const definition = registry.get(event.type);
  if (definition === undefined) throw new Error(`event ${event.type} cannot be stored: it is not in the registry`);
  const data = JSON.stringify(definition.recognise(event) ? event : checkedForWriting(definition, event));
  // A UTF-16 unit becomes at most three bytes, so nearly every event is known to fit without counting.
  if (data.length * 3 > EVENT_BYTES_MAX && Buffer.byteLength(data) > EVENT_BYTES_MAX) {
    throw new Error(`event ${event.type} cannot be stored: more than ${EVENT_BYTES_MAX} bytes`);
  }
  return { type: event.type, schemaVersion: currentVersion(definition), data };
}

function checkedForWriting<Event extends { readonly type: string }>(
  { written }: EventDefinition<Event>,
  event: Event,
): Event {
  const checked = written.safeParse(event);
  if (checked.success) return checked.data;
  throw new Error(`event ${event.type} cannot be stored: ${firstIssue(checked.error)}`);
}

/** `decodeEvent` with a registry of the caller's. */
export function decodeWith<Event>(registry: EventRegistry<Event>, stored: StoredEvent, position: number): Event {
  const definition = registry.get(stored.type);
  if (definition === undefined) {
    throw unreadable(stored, position, 'is of a type unknown here; upgrade this Lifeboat if a newer one wrote it');
  }
  const known = currentVersion(definition);
  if (stored.schemaVersion > known) {
    throw unreadable(stored, position, 'was written by a newer Lifeboat; upgrade this one');
  }
  if (stored.schemaVersion < 1) {
    throw unreadable(stored, position, `has no such version: expected 1 to ${known}; ${RESTORE}`);
  }
  const parsed = parseJson(stored, position);
  const raw = stored.schemaVersion === known ? parsed : upcast(definition, stored, position, parsed);
  if (isRecognised(definition, raw)) return withSharedType(definition, raw);
  const checked = definition.read.safeParse(raw);
  if (checked.success) return checked.data;
  throw unreadable(stored, position, `is not what its schema says: ${firstIssue(checked.error)}; ${RESTORE}`);
}

function isRecognised<Event>({ recognise }: EventDefinition<Event>, value: unknown): value is Event {
  return recognise(value);
}

/** Every event of one type gets the same string as its type: whoever compares types then compares addresses. */
function withSharedType<Event>({ type }: EventDefinition<Event>, event: Event): Event {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  (event as { type: string }).type = type;
  return event;
}

const RESTORE = 'the stored text was changed after it was written: restore the store from a backup';

function parseJson(stored: StoredEvent, position: number): unknown {
  try {
    return JSON.parse(stored.data);
  } catch (error) {
    throw unreadable(stored, position, `holds no JSON: ${messageOf(error)}; ${RESTORE}`);
  }
}

function upcast(
  definition: Pick<EventDefinition, 'upcasters'>,
  stored: StoredEvent,
  position: number,
  raw: unknown,
): unknown {
  try {
    return definition.upcasters.slice(stored.schemaVersion - 1).reduce((value, lift) => lift(value), raw);
  } catch (error) {
    throw unreadable(stored, position, `cannot be lifted to the current version: ${messageOf(error)}; ${RESTORE}`);
  }
}

const unreadable = (stored: StoredEvent, position: number, why: string): EventUnreadable =>
  new EventUnreadable(position, `event ${stored.type} version ${stored.schemaVersion} at position ${position} ${why}`);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function firstIssue(error: { readonly issues: readonly { path: readonly PropertyKey[]; message: string }[] }): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'no reason given';
  return `${issue.path.length === 0 ? 'the event' : issue.path.map(String).join('.')}: ${issue.message}`;
}
