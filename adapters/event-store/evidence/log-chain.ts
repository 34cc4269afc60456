import { CHAIN_START, logHash } from '../event-chain.ts';
import type { LogEntry } from '../log-entry.ts';
import { diagnoseBreak } from './diagnose-break.ts';
import type { Finding } from './finding.ts';

/** One way of chaining a log, checked entry by entry. */
export interface Chain {
  /** How many entries had no hash, for they are older than the chain. */
  readonly unchained: number;
  /** `following`: the next entries of the log, `entry` first, as many as there are at hand. */
  check(entry: LogEntry, following: () => readonly LogEntry[]): Finding | null;
}

/** The chain of SQLite: every event follows from the one before it in the whole log. */
export class LogChain implements Chain {
  readonly unchained = 0;
  #known = { position: 0, hash: CHAIN_START };

  check(entry: LogEntry, following: () => readonly LogEntry[]): Finding | null {
    const hash = logHash(this.#known.hash, entry.position, entry);
    if (hash !== entry.hash) return diagnoseBreak(this.#known, following());
    this.#known = { position: entry.position, hash };
    return null;
  }
}
