import { CHAIN_START, streamHash } from '../event-chain.ts';
import type { LogEntry } from '../log-entry.ts';
import { type Finding, findingAt } from './finding.ts';
import type { Chain } from './log-chain.ts';

type Newest = {
  readonly revision: number;
  readonly hash: string;
  readonly hashed: boolean;
  /** The last one, when it came without a hash behind one that had one. */
  readonly unhashed: LogEntry | null;
};

const NONE: Newest = { revision: -1, hash: CHAIN_START, hashed: false, unhashed: null };

/** The chains of EventStoreDB: every event follows from the one before it in its stream. */
export class StreamChains implements Chain {
  unchained = 0;
  readonly #newest = new Map<string, Newest>();

  check(entry: LogEntry, following: () => readonly LogEntry[]): Finding | null {
    const { stream, revision } = entry;
    const before = this.#newest.get(stream) ?? NONE;
    if (revision > before.revision + 1) return outOfTurn(entry, before.revision + 1, following());
    if (revision <= before.revision) return findingAt('inserted', entry, 'has a revision that its stream has already');
    const hash = streamHash(before.hash, entry);
    if (entry.hash === null) this.unchained += 1;
    if (entry.hash !== null && entry.hash !== hash) return broken(entry, before);
    const hashed = before.hashed || entry.hash !== null;
    this.#newest.set(stream, { revision, hash, hashed, unhashed: entry.hash === null && hashed ? entry : null });
    return null;
  }
}

function outOfTurn(entry: LogEntry, awaited: number, following: readonly LogEntry[]): Finding {
  const { stream, revision, position } = entry;
  if (following.some((later) => later.stream === stream && later.revision === awaited)) {
    return findingAt('reordered', entry, `stands before revision ${awaited} of its own stream`);
  }
  const message = `revision ${awaited} of ${stream} is gone; the next one there is ${revision}`;
  return { kind: 'missing', position, event: null, message };
}

function broken(entry: LogEntry, { unhashed }: Newest): Finding {
  if (unhashed !== null) {
    return findingAt('inserted', unhashed, 'has no hash, and the event behind it does not follow from it');
  }
  const why = 'does not follow from the event before it in its stream: it was changed, or that one and its hash were';
  return findingAt('changed', entry, why);
}
