import { APPEND_EVENTS_MAX, READ_EVENTS_MAX, type StreamName } from '../../application/ports/event-store.ts';
import { CHAIN_START, streamHash } from './event-chain.ts';
import { EventStoreDbAppender } from './eventstoredb-appender.ts';
import type { EventStoreDbConnection } from './eventstoredb-connection.ts';
import { EventStoreDbReader } from './eventstoredb-reader.ts';
import { readAllAfter } from './eventstoredb-subscription.ts';
import type { LogEntry } from './log-entry.ts';
import type { LogTarget } from './stored-log.ts';

/** Lifeboat's events on a server, as they are. A copy to it that stops can go on. Closes the connection. */
export class EventStoreDbStoredLog implements LogTarget {
  readonly chain = 'stream';
  readonly halfway = 'goes on';
  readonly #connection: EventStoreDbConnection;
  readonly #reader: EventStoreDbReader;
  readonly #appender: EventStoreDbAppender;

  constructor(connection: EventStoreDbConnection) {
    this.#connection = connection;
    this.#reader = new EventStoreDbReader(connection);
    this.#appender = new EventStoreDbAppender(connection, this.#reader);
  }

  async count(): Promise<null> {
    return null;
  }

  async *pages(): AsyncGenerator<readonly LogEntry[], void, void> {
    for (let after = 0; ;) {
      const page = await readAllAfter(this.#connection, after, READ_EVENTS_MAX);
      const last = page.at(-1);
      if (last === undefined) return;
      yield page;
      after = last.position;
    }
  }

  /** In the order of the log, so that `$all` has it too: neighbours of one stream and one time go together. */
  async write(entries: readonly LogEntry[]): Promise<void> {
    for (let from = 0; from < entries.length;) {
      const run = runAt(entries, from);
      await this.#append(run);
      from += run.length;
    }
  }

  async commit(): Promise<void> {
    // Each append stays by itself.
  }

  async close(): Promise<void> {
    await this.#connection.close(Promise.resolve());
  }

  async #append(run: readonly LogEntry[]): Promise<void> {
    const [first] = run;
    if (first === undefined) return;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const stream = first.stream as StreamName;
    const before = first.revision === 0 ? CHAIN_START : await this.#reader.hashAt(stream, first.revision - 1);
    const append = { stream, firstRevision: first.revision, events: run };
    const answer = await this.#appender.append(append, first.recordedAt);
    if (answer.answer !== 'appended' || before === null) {
      const why = 'reason' in answer ? answer.reason : 'the stream has other events on the server';
      throw new Error(`the event at position ${first.position} (${stream}) was not written: ${why}`);
    }
    // A repetition would have the same times, so what this process counts is what the server has.
    let hash = before;
    this.#reader.saw(run.map((entry) => ({ ...entry, hash: (hash = streamHash(hash, entry)) })));
  }
}

function runAt(entries: readonly LogEntry[], from: number): readonly LogEntry[] {
  const first = entries[from];
  const rest = entries.slice(from, from + APPEND_EVENTS_MAX);
  const end = rest.findIndex(({ stream, recordedAt }) => stream !== first?.stream || recordedAt !== first.recordedAt);
  return end === -1 ? rest : rest.slice(0, end);
}
