import { EventUnreadable } from '../../../application/ports/event-store.ts';
import { CHAIN_START, logHash } from '../event-chain.ts';
import type { LogEntry } from '../log-entry.ts';
import type { Progress } from '../progress.ts';
import type { StoredLog } from '../stored-log.ts';
import type { CheckedAnchor, LogState } from './anchor.ts';
import type { Finding } from './finding.ts';
import { type Chain, LogChain } from './log-chain.ts';
import { StreamChains } from './stream-chains.ts';

export type Verification = LogState & {
  /** Events from before there was a chain in EventStoreDB: only anchors say something about them. */
  readonly unchained: number;
  /** Anchors that the log agrees with. */
  readonly anchorsHeld: number;
  /** Null when the log is what was recorded, as far as chain and anchors reach. */
  readonly finding: Finding | null;
};

const EMPTY: LogState = { events: 0, position: 0, recordedAt: '', digest: CHAIN_START };

/** Reads the whole log, up to the first event that is not as recorded. Throws StoreUnavailable. */
export async function verifyLog(
  log: StoredLog,
  anchors: readonly CheckedAnchor[],
  progress: Progress,
): Promise<Verification> {
  const walk = new Walk(log.chain === 'log' ? new LogChain() : new StreamChains(), anchors);
  const total = (await log.count()) ?? 0;
  let held: readonly LogEntry[] = [];
  try {
    for await (const page of log.pages()) {
      // A page behind, so that whoever diagnoses the last of a page sees what follows.
      if (!walk.read(held, page)) return walk.verification();
      held = page;
      progress(walk.state.events, total);
    }
    if (walk.read(held, [])) walk.end();
  } catch (error) {
    if (!(error instanceof EventUnreadable)) throw error;
    walk.finding = { kind: 'unreadable', position: error.position, event: null, message: error.message };
  }
  return walk.verification();
}

class Walk {
  readonly #chain: Chain;
  readonly #anchors: readonly CheckedAnchor[];
  /** SQLite's own chain is the digest while its positions have no gaps: what was just checked is not computed again. */
  #sameAsStored: boolean;
  #held = 0;
  /** Of the last anchor that held: what stands before it is proven. */
  #proven: LogState = EMPTY;
  #firstUnproven: LogEntry | null = null;
  state: LogState = EMPTY;
  finding: Finding | null = null;

  constructor(chain: Chain, anchors: readonly CheckedAnchor[]) {
    this.#chain = chain;
    this.#sameAsStored = chain instanceof LogChain;
    this.#anchors = anchors.toSorted((one, other) => one.anchor.events - other.anchor.events);
  }

  /** False at the first bad entry. */
  read(page: readonly LogEntry[], next: readonly LogEntry[]): boolean {
    for (const [index, entry] of page.entries()) {
      this.finding = this.#chain.check(entry, () => [...page.slice(index), ...next]);
      if (this.finding === null) this.#count(entry);
      if (this.finding !== null) return false;
    }
    return true;
  }

  end(): void {
    const later = this.#anchors[this.#held];
    if (later === undefined) return;
    const { events, position, takenAt } = later.anchor;
    const message = `${later.file} saw ${events} events at ${takenAt}, up to position ${position}; ${this.state.events} are there`;
    this.finding = { kind: 'truncated', position: this.state.position + 1, event: null, message };
  }

  verification(): Verification {
    const { unchained } = this.#chain;
    return { ...this.state, unchained, anchorsHeld: this.#held, finding: this.finding };
  }

  #count(entry: LogEntry): void {
    const { position, recordedAt } = entry;
    const events = this.state.events + 1;
    this.#sameAsStored &&= position === events;
    const digest = this.#sameAsStored ? entry.hash : null;
    this.state = { events, position, recordedAt, digest: digest ?? logHash(this.state.digest, events, entry) };
    this.#firstUnproven ??= entry;
    for (let at = this.#anchors[this.#held]; at?.anchor.events === events; at = this.#anchors[this.#held]) {
      if (at.anchor.digest !== this.state.digest) {
        this.finding = rewritten(at, this.#firstUnproven ?? entry, this.#proven);
        return;
      }
      this.#held += 1;
      this.#proven = this.state;
      this.#firstUnproven = null;
    }
  }
}

function rewritten({ file, anchor }: CheckedAnchor, first: LogEntry, proven: LogState): Finding {
  const range = `events ${proven.events + 1} to ${anchor.events} (from position ${first.position})`;
  const message = `${file}, taken at ${anchor.takenAt}, was signed over other ${range}: they were rewritten, with their hashes`;
  return { kind: 'rewritten', position: first.position, event: null, message };
}
