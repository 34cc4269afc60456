import { ANY } from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { CheckpointStore } from '../../application/ports/checkpoint-store.ts';
import { StoreUnavailable } from '../../application/ports/event-store.ts';
import { checkCheckpoint } from './checked-checkpoint.ts';
import type { EventStoreDbConnection } from './eventstoredb-connection.ts';
import { EventStoreDbLastEvents } from './eventstoredb-last-events.ts';
import { EventStoreDbReader, within } from './eventstoredb-reader.ts';

const storedCheckpoint = z.object({ position: z.number().int().min(0) });

/**
 * Each subscription's position as the only event of a stream of its own, `lifeboatCheckpoint-<name>`: no reader of the
 * log is shown those. Throws StoreUnavailable. The event store closes the connection.
 */
export class EventStoreDbCheckpointStore implements CheckpointStore {
  readonly #connection: EventStoreDbConnection;
  readonly #reader: EventStoreDbReader;
  /** The saves of one subscription follow one another, or an older position could come to stand last. */
  readonly #saving = new Map<string, Promise<void>>();
  readonly #lastEvents: EventStoreDbLastEvents;

  constructor(connection: EventStoreDbConnection) {
    this.#connection = connection;
    this.#reader = new EventStoreDbReader(connection);
    this.#lastEvents = new EventStoreDbLastEvents(connection);
  }

  async load(subscription: string): Promise<number> {
    const event = await this.#reader.last(streamOf(subscription));
    if (event === null) return 0;
    const checkpoint = storedCheckpoint.safeParse(event.data);
    if (checkpoint.success) return checkpoint.data.position;
    throw new StoreUnavailable(`EventStoreDB: stream ${event.streamId} holds no checkpoint: delete it to start anew`);
  }

  async save(subscription: string, position: number): Promise<void> {
    checkCheckpoint(subscription, position);
    const before = this.#saving.get(subscription) ?? Promise.resolve();
    const saving = before.catch(() => undefined).then(() => this.#write(streamOf(subscription), position));
    this.#saving.set(subscription, saving);
    await saving;
  }

  async #write(stream: string, position: number): Promise<void> {
    const { client, deadlines } = this.#connection;
    await this.#lastEvents.keepOnlyLast(stream);
    const event = {
      id: randomUUID(),
      type: 'CheckpointSaved',
      contentType: 'application/json',
      data: { position },
      metadata: {},
    } as const;
    // Twice the same position does no harm, so no revision is expected.
    const options = { expectedRevision: ANY, requiresLeader: true, deadline: deadlines.attemptMs } as const;
    await this.#connection.patiently(() => within(deadlines.attemptMs, client.appendToStream(stream, event, options)));
  }
}

/** Any name becomes one that a server takes. */
const streamOf = (subscription: string): string => `lifeboatCheckpoint-${encodeURIComponent(subscription)}`;
