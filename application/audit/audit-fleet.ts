import type { EventStore } from '../ports/event-store.ts';
import { Views } from '../views/views.ts';
import { isUpTo, type Moment } from './moment.ts';

/** Events read at once by whoever reads the whole log. */
const PAGE_EVENTS = 1000;

type Log = Pick<EventStore, 'readAll'>;

/** What the API would have shown at that moment, of every host, server and migration. Reads the log up to there. */
export async function fleetAt(log: Log, moment: Moment): Promise<Views> {
  const views = new Views();
  for await (const event of eventsOf(log, 0)) {
    if (moment.kind === 'position' && event.position > moment.position) break;
    // Machines that share a log have clocks of their own: an event that is too late says nothing about the next one.
    if (isUpTo(event, moment)) views.project(event);
  }
  return views;
}

/** Every event after `after` up to the present end of the log, one page in memory at a time. */
export async function* eventsOf(log: Log, after: number) {
  for (let position = after; ;) {
    const page = await log.readAll(position, PAGE_EVENTS);
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_EVENTS) return;
    position = last.position;
  }
}
