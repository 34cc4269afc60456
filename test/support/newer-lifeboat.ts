import { z } from 'zod';
import { EVENT_REGISTRY, eventDefinition } from '../../adapters/event-store/event-registry.ts';
import type { DomainEvent, EventStore, NewEvent } from '../../application/ports/event-store.ts';
import { newEvent, newStream } from '../contracts/event-store.fixture.ts';

/** What a later Lifeboat may write: an event of a later version, or one that is unknown today. */
export const NEWER_EVENTS = {
  'a later version': 'event InstanceScheduled version 2 at position',
  'an unknown type': 'event InstanceTeleported version 1 at position',
} as const;
export type NewerEvent = keyof typeof NEWER_EVENTS;

/** Appends such an event as that Lifeboat would: with its own registry, through the same store. */
export async function appendAsNewer(store: EventStore, which: NewerEvent): Promise<void> {
  const { data, ...rest } = newEvent();
  const type = which === 'a later version' ? data.type : 'InstanceTeleported';
  const schema = z.looseObject({ type: z.literal(type) });
  const upcasters = which === 'a later version' ? [(raw: unknown) => raw] : [];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const registry = EVENT_REGISTRY as unknown as Map<string, ReturnType<typeof eventDefinition>>;
  const today = registry.get(type);
  registry.set(type, eventDefinition(schema, schema, upcasters));
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const event = { ...rest, data: { ...data, type } as unknown as DomainEvent } satisfies NewEvent;
    const answer = await store.append(newStream(), 'none', [event]);
    if (answer.answer !== 'appended') throw new Error(JSON.stringify(answer));
  } finally {
    if (today === undefined) registry.delete(type);
    else registry.set(type, today);
  }
}
