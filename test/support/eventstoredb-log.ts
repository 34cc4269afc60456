/** One event as the server keeps it; `data` and `metadata` are bytes to it. */
export type LoggedEvent = {
  readonly position: bigint;
  readonly stream: string;
  readonly revision: bigint;
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
};

export type ProposedEvent = Pick<LoggedEvent, 'id' | 'type' | 'contentType' | 'data' | 'metadata'>;

/** Expected or actual revision of a stream: -1 where there is none. */
export const NO_EVENTS = -1n;

export type LogAnswer =
  | { readonly answer: 'written'; readonly revision: bigint; readonly position: bigint }
  | { readonly answer: 'wrong'; readonly current: bigint }
  | { readonly answer: 'deleted' };

const FIRST_POSITION = 1013n;
const RECORD_BYTES = 137n;
/** `$tb` of a deleted stream. */
const DELETED_BEFORE = 9_223_372_036_854_775_807n;

/**
 * What EventStoreDB promises about appends and reads, in memory: revisions, ids that repeat, truncation, and positions
 * that are places in a file, so that a number between two of them is none. Several servers may show one log.
 */
export class EventStoreDbLog {
  readonly events: LoggedEvent[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #tombstones = new Set<string>();
  #next = FIRST_POSITION;

  append(stream: string, expected: bigint | 'any', proposed: readonly ProposedEvent[]): LogAnswer {
    if (this.#tombstones.has(stream)) return { answer: 'deleted' };
    const there = this.all(stream);
    const current = BigInt(there.length) - 1n;
    if (expected !== 'any' && expected !== current && !(expected === NO_EVENTS && this.#isDeleted(stream))) {
      const same = there.slice(Number(expected) + 1, Number(expected) + 1 + proposed.length);
      const last = same.at(-1);
      if (last !== undefined && proposed.every(({ id }, index) => id === same[index]?.id)) {
        return { answer: 'written', revision: last.revision, position: last.position };
      }
      return { answer: 'wrong', current };
    }
    for (const [index, event] of proposed.entries()) this.#write(stream, current + 1n + BigInt(index), event);
    // Every server writes its own events in between.
    if (!stream.startsWith('$')) this.writeJson('$stats-0.0.0.0:2113', '$statsCollected', {});
    for (const watcher of this.#watchers) watcher();
    return { answer: 'written', revision: current + BigInt(proposed.length), position: this.#lastOf(stream) };
  }

  /** As another program would. */
  writeJson(stream: string, type: string, data: unknown, metadata: unknown = {}): void {
    const bytes = (value: unknown): Uint8Array =>
      Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
    const event = { type, contentType: 'application/json', data: bytes(data), metadata: bytes(metadata) };
    this.#write(stream, BigInt(this.all(stream).length), { id: globalThis.crypto.randomUUID(), ...event });
    if (!stream.startsWith('$')) for (const watcher of this.#watchers) watcher();
  }

  /** Puts the end of the log somewhere else. */
  moveTo(position: bigint): void {
    this.#next = position;
  }

  truncate(stream: string, before: bigint): void {
    this.writeJson(`$$${stream}`, '$metadata', `{"$tb":${before}}`);
  }

  delete(stream: string): void {
    this.truncate(stream, DELETED_BEFORE);
  }

  tombstone(stream: string): void {
    this.#tombstones.add(stream);
  }

  /** Null for a stream that is missing or deleted. */
  readable(stream: string): readonly LoggedEvent[] | 'deleted' | null {
    if (this.#tombstones.has(stream)) return 'deleted';
    const all = this.all(stream);
    if (all.length === 0 || this.#isDeleted(stream)) return null;
    const { $tb = 0, $maxCount = all.length } = this.#metadata(stream);
    return all.filter(({ revision }) => revision >= BigInt($tb)).slice(-$maxCount);
  }

  all(stream: string): readonly LoggedEvent[] {
    return this.events.filter((event) => event.stream === stream);
  }

  isPosition(position: bigint): boolean {
    return this.events.some((event) => event.position === position);
  }

  /** Calls back after every append until the returned function is called. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  #write(stream: string, revision: bigint, event: ProposedEvent): void {
    this.events.push({ ...event, stream, revision, position: this.#next });
    this.#next += RECORD_BYTES;
  }

  #lastOf(stream: string): bigint {
    return this.events.findLast((event) => event.stream === stream)?.position ?? 0n;
  }

  #isDeleted(stream: string): boolean {
    const marker = this.events.findLast((event) => event.stream === `$$${stream}`);
    if (marker === undefined || !Buffer.from(marker.data).includes(String(DELETED_BEFORE))) return false;
    return this.#lastOf(stream) < marker.position;
  }

  #metadata(stream: string): { readonly $tb?: number; readonly $maxCount?: number } {
    const newest = this.events.findLast((event) => event.stream === `$$${stream}`);
    return newest === undefined ? {} : JSON.parse(Buffer.from(newest.data).toString('utf8'));
  }
}
