import { z } from 'zod';
import type { DomainEvent } from '../../application/ports/event-store.ts';
import { catalogueEventSchemas } from './catalogue-event-schemas.ts';
import { computeServiceEventSchemas } from './compute-service-event-schemas.ts';
import type { ObjectSchema } from './event-vocabulary.ts';
import { instanceEventSchemas } from './instance-event-schemas.ts';
import { type Recognise, recogniserOf } from './recogniser.ts';
import { sagaEventSchemas } from './saga-event-schemas.ts';

/** Lifts a stored JSON value by one version. Pure: it runs at every read, for ever. */
export type Upcaster = (raw: unknown) => unknown;

/** How one event type is stored. `upcasters[n - 1]` lifts version n, so the current version is their number plus 1. */
export type EventDefinition<Event = DomainEvent> = {
  /** The one string that all its events get as their type. */
  readonly type: string;
  readonly written: z.ZodType<Event>;
  readonly read: z.ZodType<Event>;
  /** What `read` certainly accepts and leaves as it is: most of a replay. */
  readonly recognise: Recognise;
  readonly upcasters: readonly Upcaster[];
};

/** A definition for a registry, `written` and `read` as in `ObjectSchema`. */
export const eventDefinition = <Event>(
  type: string,
  written: z.ZodType<Event>,
  read: z.ZodType<Event>,
  upcasters: readonly Upcaster[],
): EventDefinition<Event> => ({ type, written, read, recognise: recogniserOf(read), upcasters });

export type EventRegistry<Event = DomainEvent> = ReadonlyMap<string, EventDefinition<Event>>;

export const currentVersion = (definition: Pick<EventDefinition, 'upcasters'>): number =>
  definition.upcasters.length + 1;

type EventType = DomainEvent['type'];
type EventOf<Type extends EventType> = Extract<DomainEvent, { readonly type: Type }>;

/** Copies a type member by member, so that two spellings of the same members become identical. */
type Plain<Value> = Value extends string | number | boolean | null
  ? Value
  : { readonly [Key in keyof Value]: Plain<Value[Key]> };
// The compiler calls two such functions the same only when A and B are identical, not merely assignable.
// oxlint-disable typescript/no-unnecessary-type-parameters
type Identical<A, B> =
  (<Probe>() => Probe extends A ? 1 : 2) extends <Probe>() => Probe extends B ? 1 : 2 ? true : false;
// oxlint-enable typescript/no-unnecessary-type-parameters

/** Assignable only when each schema has exactly its event's members: a forgotten or an extra one fails to compile. */
export type MatchingSchemas<Schemas extends Record<EventType, z.ZodType>> = {
  readonly [Type in EventType]: Identical<Plain<z.infer<Schemas[Type]>>, Plain<EventOf<Type>>> extends true
    ? z.ZodType<EventOf<Type>>
    : readonly ['the schema differs from the event', Type];
};

const schemasWith = (object: ObjectSchema) =>
  ({
    ...instanceEventSchemas(object),
    ...sagaEventSchemas(object),
    ...computeServiceEventSchemas(object),
    ...catalogueEventSchemas(object),
  }) satisfies Record<EventType, z.ZodType>;

const written: MatchingSchemas<ReturnType<typeof schemasWith>> = schemasWith(z.strictObject);
const read: MatchingSchemas<ReturnType<typeof schemasWith>> = schemasWith(z.object);

const added = (raw: unknown, more: object): unknown => (typeof raw === 'object' ? { ...raw, ...more } : raw);

/** By type; a type that is missing here is at version 1. Add to the end of a list, never change what is in it. */
const upcasters: Partial<Record<EventType, readonly Upcaster[]>> = {
  // Version 1 knew one way only.
  LiveMigrationRequested: [(raw) => added(raw, { bypassesScheduler: false, checkedBeforeAnswer: false })],
};

const readByType: ReadonlyMap<string, EventDefinition['read']> = new Map(Object.entries(read));
const upcastersByType: ReadonlyMap<string, readonly Upcaster[]> = new Map(Object.entries(upcasters));

export const EVENT_REGISTRY: EventRegistry = new Map(
  Object.entries(written).map(([type, schema]) => [
    type,
    eventDefinition(type, schema, readByType.get(type) ?? schema, upcastersByType.get(type) ?? []),
  ]),
);
