import { openEventStore } from '../../adapters/event-store/open-event-store.ts';
import { SystemClock } from '../../adapters/system/system-clock.ts';
import { Views } from '../../application/views/views.ts';

// Started by million-events.bench.ts, so that the memory is that of a replay alone.
const KIB = 1024;
const [, , file = ''] = process.argv;
const { eventStore } = await openEventStore({ key: 'file', url: `sqlite:${file}` }, new SystemClock());
const views = new Views();
const begin = performance.now();
await views.rebuild(eventStore);
const milliseconds = performance.now() - begin;
console.log(
  JSON.stringify({ milliseconds, position: views.position, peakBytes: process.resourceUsage().maxRSS * KIB }),
);
await eventStore.close();
