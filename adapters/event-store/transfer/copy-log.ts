import { chainHash } from '../event-chain.ts';
import type { LogEntry } from '../log-entry.ts';
import type { Progress } from '../progress.ts';
import { entriesIn, LOG_PAGE_ENTRIES, type LogTarget, type StoredLog } from '../stored-log.ts';

export type CopyOptions = {
  /** Go on with a copy that stopped halfway: what the target has must be the beginning of the source. */
  readonly resume: boolean;
  readonly progress: Progress;
};

/**
 * Copies every event with its id, stream, revision, metadata and recorded time, in the order of the log, and reads both
 * again to compare them. Answers how many there are and how many of them were copied now. Throws a sentence for the
 * operator; what becomes of the target then is told by its `halfway`.
 */
export async function copyLog(
  source: StoredLog,
  target: LogTarget,
  { resume, progress }: CopyOptions,
): Promise<{ readonly events: number; readonly copied: number }> {
  const total = (await source.count()) ?? 0;
  const there = await eventsThere(source, target, resume);
  let done = 0;
  let batch: LogEntry[] = [];
  const flush = async (): Promise<void> => {
    await target.write(batch);
    batch = [];
    progress(done, total);
  };
  for await (const entry of entriesIn(source)) {
    done += 1;
    if (done <= there) continue;
    batch.push(entry);
    if (batch.length === LOG_PAGE_ENTRIES) await flush();
  }
  await flush();
  const { events, complete } = await compareLogs(source, target);
  if (!complete) throw new Error(`the source has grown past event ${events}: stop what writes to it, then copy again`);
  await target.commit();
  return { events, copied: done - there };
}

async function eventsThere(source: StoredLog, target: LogTarget, resume: boolean): Promise<number> {
  if (resume) return (await compareLogs(source, target)).events;
  for await (const entry of entriesIn(target)) {
    const advice = target.halfway === 'goes on' ? '; --resume goes on with a copy that stopped halfway' : '';
    throw new Error(`the target is not empty: it has ${entry.type} of ${entry.stream}${advice}`);
  }
  return 0;
}

/**
 * Throws at the first event of `target` that is not the one of `source` there; `complete` when it has all of them.
 * Positions and hashes are each store's own.
 */
export async function compareLogs(
  source: StoredLog,
  target: StoredLog,
): Promise<{ readonly events: number; readonly complete: boolean }> {
  const originals = entriesIn(source);
  let events = 0;
  try {
    for await (const entry of entriesIn(target)) {
      const { value: original } = await originals.next();
      if (original === undefined) throw new Error(`the target has more than the ${events} events of the source`);
      if (contentOf(original) !== contentOf(entry)) throw new Error(differenceBetween(original, entry));
      events += 1;
    }
    return { events, complete: (await originals.next()).done === true };
  } finally {
    await originals.return();
  }
}

const contentOf = (entry: LogEntry): string => chainHash({ ...entry, previous: '', place: 0 }, entry);

const differenceBetween = (original: LogEntry, entry: LogEntry): string =>
  `the target's event at position ${entry.position} (${entry.type}, revision ${entry.revision} of ${entry.stream}) is not ` +
  `the source's at ${original.position} (${original.type}, revision ${original.revision} of ${original.stream})`;
