import type { EventStoreDbConnection } from './eventstoredb-connection.ts';
import { within } from './eventstoredb-reader.ts';

/** Streams of which only the last event matters. */
export class EventStoreDbLastEvents {
  readonly #connection: EventStoreDbConnection;
  readonly #limited = new Set<string>();

  constructor(connection: EventStoreDbConnection) {
    this.#connection = connection;
  }

  /** The server then keeps only the newest. Once for each stream and process: another may have made it anew. */
  async keepOnlyLast(stream: string): Promise<void> {
    if (this.#limited.has(stream)) return;
    const { client, deadlines } = this.#connection;
    await this.#connection.patiently(async () => {
      const { metadata } = await within(deadlines.attemptMs, client.getStreamMetadata(stream));
      if (metadata?.maxCount === 1) return;
      await within(deadlines.attemptMs, client.setStreamMetadata(stream, { ...metadata, maxCount: 1 }));
    });
    this.#limited.add(stream);
  }
}
