import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openEventStore } from '../../adapters/event-store/open-event-store.ts';
import { SystemClock } from '../../adapters/system/system-clock.ts';
import type {
  DomainEvent,
  EventStore,
  ExpectedRevision,
  RecordedEvent,
  StreamName,
} from '../../application/ports/event-store.ts';
import { READ_EVENTS_MAX } from '../../application/ports/event-store.ts';

/** Of how many servers a history is written at a time: their appends share commits. */
const SERVERS_AT_ONCE = 200;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** What one server went through, as some process recorded it, and what each of its hosts reported. */
export type Template = { readonly server: readonly RecordedEvent[]; readonly hosts: readonly RecordedEvent[] };

/** Of a store that holds one server; `hosts`: those that it was on, which other servers are given others for. */
export async function templateFrom(storeFile: string): Promise<Template> {
  const { eventStore } = await openEventStore({ key: 'store', url: `sqlite:${storeFile}` }, new SystemClock());
  const events = await eventStore.readAll(0, READ_EVENTS_MAX);
  await eventStore.close();
  const isOfServer = ({ stream }: RecordedEvent): boolean => /^(?:instance|migrationSaga)-/.test(stream);
  const isRegistration = ({ data }: RecordedEvent): boolean => data.type === 'ComputeServiceRegistered';
  return { server: events.filter(isOfServer), hosts: events.filter(isRegistration).slice(0, 1) };
}

type Wanted = { readonly servers: number; readonly hosts: number; readonly eventsOfServer: number };

/** Name of the host with this number, in the log and in the configuration. */
export const scaleHost = (number: number): string => `host-${number}`;

/**
 * A log of `servers` times `eventsOfServer` events and one for each host, in the file `events.db`, by the store's own
 * appends. Each server repeats the template under ids of its own, between two hosts of its own; what the template is
 * short of, its server is locked and unlocked.
 */
export async function writeScaleLog(directory: string, template: Template, wanted: Wanted): Promise<void> {
  const url = `sqlite:${join(directory, 'events.db')}`;
  const { eventStore } = await openEventStore({ key: 'store', url }, new SystemClock());
  const writer = new Writer(eventStore);
  const [registration] = template.hosts;
  if (registration === undefined) throw new Error('the template has no host');
  const ofHost = registration.stream.slice('computeService-'.length);
  for (let host = 0; host < wanted.hosts; host += 1) {
    await writer.write([registration], (text) => renamed(text, [[ofHost, scaleHost(host)]]));
  }
  for (let first = 0; first < wanted.servers; first += SERVERS_AT_ONCE) {
    const numbers = Array.from(
      { length: Math.min(SERVERS_AT_ONCE, wanted.servers - first) },
      (_, index) => first + index,
    );
    await Promise.all(
      numbers.map((number) => {
        const rename: readonly (readonly [string, string])[] = [
          ['template-a', scaleHost(number % wanted.hosts)],
          ['template-b', scaleHost((number + 1) % wanted.hosts)],
        ];
        return writer.write(exactly(template.server, wanted.eventsOfServer), (text) => renamed(text, rename));
      }),
    );
  }
  await eventStore.close();
}

const renamed = (text: string, names: readonly (readonly [string, string])[]): string =>
  names.reduce((before, [from, to]) => before.replaceAll(from, to), text);

/** A server's history of that length: ended by locks, which are short, or cut where it is too long for that. */
function exactly(events: readonly RecordedEvent[], count: number): readonly RecordedEvent[] {
  const created = events.find(({ data }) => data.type === 'InstanceCreateRequested');
  if (created === undefined || events.length > count) throw new Error(`the template has ${events.length} events`);
  const { stream, data, metadata } = created;
  if (data.type !== 'InstanceCreateRequested') throw new Error('not the creation');
  const { initiator, at } = data;
  const locks = Array.from({ length: count - events.length }, (_, index): RecordedEvent => {
    const lock: DomainEvent =
      index % 2 === 0
        ? { type: 'InstanceLocked', initiator, reason: null, at }
        : { type: 'InstanceUnlocked', initiator, at };
    return { ...created, stream, data: lock, metadata };
  });
  return [...events, ...locks];
}

class Writer {
  readonly #eventStore: EventStore;

  constructor(eventStore: EventStore) {
    this.#eventStore = eventStore;
  }

  /** In order, with new ids for all that have one; runs of one stream in one append. */
  async write(events: readonly RecordedEvent[], rename: (text: string) => string): Promise<void> {
    const ids = new Map<string, string>();
    const fresh = (text: string): string =>
      rename(text).replace(UUID, (id) => {
        const known = ids.get(id) ?? randomUUID();
        ids.set(id, known);
        return known;
      });
    const revisions = new Map<string, number>();
    for (let from = 0; from < events.length;) {
      const run = runOf(events, from);
      const stream = fresh(run[0]?.stream ?? '');
      const before = revisions.get(stream);
      const expected: ExpectedRevision = before ?? 'none';
      const fromText = (text: string): Pick<RecordedEvent, 'data' | 'metadata'> => JSON.parse(text);
      const own = run.map(({ data, metadata }) => ({
        id: randomUUID(),
        ...fromText(fresh(JSON.stringify({ data, metadata }))),
      }));
      // A stream's name is a text like another; only here it is put together.
      const answer = await this.#eventStore.append(stream as StreamName, expected, own);
      if (answer.answer !== 'appended') throw new Error(`the log was not written: ${answer.answer}`);
      revisions.set(stream, answer.revision);
      from += run.length;
    }
  }
}

function runOf(events: readonly RecordedEvent[], from: number): readonly RecordedEvent[] {
  const stream = events[from]?.stream;
  const end = events.findIndex((event, index) => index > from && event.stream !== stream);
  return events.slice(from, end === -1 ? events.length : end);
}
