import { EventUnreadable, type EventStore, type RecordedEvent } from '../ports/event-store.ts';
import { Views } from '../views/views.ts';
import { isUpTo, type Moment } from './moment.ts';

/** Events read at once by whoever reads the whole log. */
const PAGE_EVENTS = 1000;

type Log = Pick<EventStore, 'readAll'>;

/** What the API would have shown at that moment, of every host, server and migration. Reads the log up to there. */
export async function fleetAt(log: Log, moment: Moment): Promise<Views> {
  const views = new Views();
  await views.rebuild({ readAll: (after, limit) => pageUpTo(log, moment, after, limit) });
  return views;
}

async function pageUpTo(log: Log, moment: Moment, after: number, limit: number): Promise<readonly RecordedEvent[]> {
  const page: RecordedEvent[] = [];
  for await (const event of eventsOf(log, after)) {
    if (moment.kind === 'position' && event.position > moment.position) break;
    // Machines that share a log have clocks of their own: an event that is too late says nothing about the next one.
    if (isUpTo(event, moment) && page.push(event) === limit) break;
  }
  return page;
}

/**
 * Every event after `after` up to the present end of the log, one page in memory at a time. Throws EventUnreadable behind
 * the last event that comes before it.
 */
export async function* eventsOf(log: Log, after: number): AsyncGenerator<RecordedEvent, void, void> {
  for (let position = after; ;) {
    const page = await readablePage(log, position);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    position = last.position;
  }
}

async function readablePage(log: Log, after: number): Promise<readonly RecordedEvent[]> {
  for (let limit = PAGE_EVENTS; ; limit = Math.ceil(limit / 2)) {
    try {
      return await log.readAll(after, limit);
    } catch (error) {
      if (!(error instanceof EventUnreadable) || limit === 1) throw error;
    }
  }
}
