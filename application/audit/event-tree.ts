import type { RecordedEvent } from '../ports/event-store.ts';

/** An event, and the events that name it as their cause. */
export type CausedEvent = { readonly event: RecordedEvent; readonly caused: readonly CausedEvent[] };

/** Everything that one request set off, as far as it is among the events asked about. */
export type RequestTree = {
  readonly requestId: string;
  /** Those that the request itself caused, or an event that is not among those asked about. */
  readonly events: readonly CausedEvent[];
};

type Node = { readonly event: RecordedEvent; readonly caused: Node[] };

/** `events` in order of position, which the trees and every branch of them keep. */
export function requestTrees(events: readonly RecordedEvent[]): readonly RequestTree[] {
  const nodes = new Map(events.map((event): [string, Node] => [event.id, { event, caused: [] }]));
  const roots = new Map<string, Node[]>();
  for (const node of nodes.values()) {
    const { correlationId, causationId } = node.event.metadata;
    const cause = nodes.get(causationId);
    // A cause comes before its effect; what claims otherwise could close a circle.
    if (cause !== undefined && cause.event.position < node.event.position) cause.caused.push(node);
    else roots.set(correlationId, [...(roots.get(correlationId) ?? []), node]);
  }
  return [...roots].map(([requestId, own]) => ({ requestId, events: own }));
}
