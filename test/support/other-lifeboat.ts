import { z } from 'zod';
import {
  EVENT_REGISTRY,
  eventDefinition,
  type EventDefinition,
  type Upcaster,
} from '../../adapters/event-store/event-registry.ts';
import { instanceStream } from '../../application/aggregates.ts';
import type { DomainEvent, EventStore, ExpectedRevision, StreamName } from '../../application/ports/event-store.ts';
import { newEvent, newStream } from '../contracts/event-store.fixture.ts';
import { SERVER } from '../domain/instance-histories.fixture.ts';

/** What a later Lifeboat may write: an event of a later version, or one that is unknown today. */
export const NEWER_EVENTS = {
  'a later version': 'event InstanceScheduled version 2 at position',
  'an unknown type': 'event InstanceTeleported version 1 at position',
} as const;
export type NewerEvent = keyof typeof NEWER_EVENTS;

/** Appends such an event as that Lifeboat would: with its own registry, through the same store. */
export async function appendAsNewer(store: EventStore, which: NewerEvent): Promise<void> {
  const { data } = newEvent();
  const type = which === 'a later version' ? data.type : 'InstanceTeleported';
  const upcasters = which === 'a later version' ? [(raw: unknown) => raw] : [];
  await appendAsOther(store, { stream: newStream(), after: 'none' }, { ...data, type }, upcasters);
}

/** Appends version 1 of `LiveMigrationRequested`, which knew one way to migrate only, to a server's stream. */
export function appendFirstMigrationRequest(store: EventStore, request: object, after: number): Promise<void> {
  const place = { stream: instanceStream(SERVER), after };
  return appendAsOther(store, place, { type: 'LiveMigrationRequested', ...request }, []);
}

type Written = { readonly type: string };

async function appendAsOther(
  store: EventStore,
  { stream, after }: { readonly stream: StreamName; readonly after: ExpectedRevision },
  data: Written,
  upcasters: readonly Upcaster[],
): Promise<void> {
  const schema = z.looseObject({ type: z.literal(data.type) });
  const registry = EVENT_REGISTRY as unknown as Map<string, EventDefinition<Written>>;
  const today = registry.get(data.type);
  registry.set(data.type, eventDefinition(data.type, schema, schema, upcasters));
  try {
    const answer = await store.append(stream, after, [{ ...newEvent(), data: data as DomainEvent }]);
    if (answer.answer !== 'appended') throw new Error(JSON.stringify(answer));
  } finally {
    if (today === undefined) registry.delete(data.type);
    else registry.set(data.type, today);
  }
}
