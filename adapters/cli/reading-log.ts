import { existsSync } from 'node:fs';
import type { EventStore } from '../../application/ports/event-store.ts';
import { openEventStore } from '../event-store/open-event-store.ts';
import { sqlitePath } from '../event-store/sqlite-url.ts';
import { SystemClock } from '../system/system-clock.ts';
import { LineOutput } from './line-output.ts';
import { ProgressLine } from './progress-line.ts';
import { storeUrl, type StoreOptions } from './store-option.ts';

const SQLITE = 'sqlite:';

/**
 * Opens the store that the options name, beside whatever runs on it, and closes it when `use` is done. Throws a sentence
 * for the operator when there is none: whoever asks what was must not be answered by a log that was made for the answer.
 */
export async function readingLog(
  options: StoreOptions,
  use: (log: Omit<EventStore, 'append' | 'close'>, output: LineOutput) => Promise<void>,
): Promise<void> {
  const eventStore = await openExistingStore(options);
  const output = new LineOutput(process.stdout);
  try {
    await use(eventStore, output);
    await output.flushed();
  } finally {
    await eventStore.close();
  }
}

/**
 * For commands about what a log holds, which must not make one. The caller closes it. Throws a sentence for the operator.
 */
export async function openExistingStore(options: StoreOptions): Promise<EventStore> {
  const url = storeUrl(options);
  refuseEmpty(url);
  const chaining = new ProgressLine('chaining');
  const { eventStore } = await openEventStore(url, new SystemClock(), chaining.show, 'existing');
  chaining.clear();
  return eventStore;
}

function refuseEmpty({ key, url }: { readonly key: string; readonly url: string }): void {
  if (url === 'memory:') throw new Error(`${key}: memory: is gone with the process that wrote it; name another store`);
  const path = url.startsWith(SQLITE) ? sqlitePath({ key, url }) : null;
  if (path !== null && !existsSync(path)) throw new Error(`${key}: there is no store ${path}`);
}
