import { logHash } from '../event-chain.ts';
import type { LogEntry } from '../log-entry.ts';
import { type Finding, findingAt } from './finding.ts';

/** The last event that was as recorded: what the next one follows. */
export type KnownEvent = { readonly position: number; readonly hash: string };

/** So many events at most are looked for where a gap was closed by counting the others anew. */
const CLOSED_GAP_MAX = 1000;

/**
 * Why the first of `window`, which are the next entries of the log, does not follow from `known`. Looks for the kind of
 * change that explains most; where several do, for the one that needs least work of an intruder.
 */
export function diagnoseBreak(known: KnownEvent, window: readonly LogEntry[]): Finding {
  const [first, next] = window;
  if (first === undefined) throw new Error('a chain cannot break behind its last event');
  const place = known.position + 1;
  if (first.position > place) return missing(place, first.position - 1);
  const displaced = window.findIndex((entry, index) => index > 0 && follows(entry, known.hash, place, [first, entry]));
  if (displaced !== -1) {
    if (hasPlaceAmong(first, window)) {
      const other = window[displaced];
      return findingAt('reordered', first, `stands where ${nameOf(other)} was recorded`);
    }
    return findingAt('inserted', first, 'was not recorded there: the event that was stands behind it');
  }
  const closed = next === undefined ? 0 : closedGap(first, next);
  if (closed > 0) return missing(place, place + closed - 1);
  return findingAt(
    'changed',
    first,
    `does not follow from the event before it: it was changed, or that one and its hash were`,
  );
}

/** Whether `entry`, with one of these hashes, was recorded behind `previous` at that place. */
function follows(entry: LogEntry, previous: string, place: number, hashes: readonly LogEntry[]): boolean {
  const hash = logHash(previous, place, entry);
  return hashes.some((kept) => kept.hash === hash);
}

/** An event that was moved fits somewhere else; one that was invented fits nowhere. */
const hasPlaceAmong = (moved: LogEntry, window: readonly LogEntry[]): boolean =>
  window.some(({ hash, position }) =>
    [position, position + 1].some((place) => hash !== null && follows(moved, hash, place, window)),
  );

/** How many events before `first` are gone, when those behind it were given smaller positions; or 0. */
function closedGap(first: LogEntry, next: LogEntry): number {
  if (first.hash === null) return 0;
  for (let gap = 1; gap <= CLOSED_GAP_MAX; gap += 1) {
    if (follows(next, first.hash, next.position + gap, [next])) return gap;
  }
  return 0;
}

function missing(from: number, to: number): Finding {
  const which = from === to ? `the event at position ${from} is gone` : `the events at ${from} to ${to} are gone`;
  return { kind: 'missing', position: from, event: null, message: which };
}

const nameOf = (entry: LogEntry | undefined): string =>
  entry === undefined ? 'another event' : `revision ${entry.revision} of ${entry.stream}`;
