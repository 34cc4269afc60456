import { DOMAIN_EVENT_KINDS } from './domain-events.ts';
import type { DomainEventId, DomainEventKind, DomainEvents } from './domain-events.ts';
import { XdrReader } from './xdr.ts';

type Deliver = (reader: XdrReader) => void;

/**
 * Who wants which event. The server takes one subscription per kind of event and connection and calls a second one an
 * error, so listeners share it and the procedure number, not the callback id, tells where an event belongs.
 */
export class DomainEventListeners {
  readonly #delivered = new Map<number, Set<Deliver>>();

  /** Returns what removes the listener. */
  add<Id extends DomainEventId>(id: Id, listener: (event: DomainEvents[Id]) => void): () => void {
    const kind: DomainEventKind<DomainEvents[Id]> = DOMAIN_EVENT_KINDS[id];
    const deliver: Deliver = (reader) => {
      const event = kind.codec.decode(reader);
      reader.expectEnd();
      // A listener that throws is a bug of its own and must not leave a frame half parsed.
      queueMicrotask(() => listener(event));
    };
    const deliveries = this.#delivered.get(kind.procedure) ?? new Set();
    this.#delivered.set(kind.procedure, deliveries.add(deliver));
    return () => deliveries.delete(deliver);
  }

  /** Throws XdrError on a malformed event; events that nobody wants are dropped unread. */
  received(procedure: number, payload: Buffer): void {
    for (const deliver of this.#delivered.get(procedure) ?? []) {
      const reader = new XdrReader(payload);
      reader.int32();
      deliver(reader);
    }
  }
}
