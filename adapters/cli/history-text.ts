import type { CausedEvent, RequestTree } from '../../application/audit/event-tree.ts';
import type { RecordedEvent } from '../../application/ports/event-store.ts';
import type { Initiator } from '../../domain/shared/initiator.ts';
import { eventText, onOneLine } from './event-text.ts';

/** For each request who made it and when, and below it what it led to, drawn as a tree. */
export function historyText(trees: readonly RequestTree[]): string {
  return trees.map((tree) => [heading(tree), ...branches(tree.events, '')].join('\n')).join('\n\n');
}

/** The same for a machine. An event's place in the tree is its place in the object; `caused` holds what it led to. */
export const historyJson = (trees: readonly RequestTree[]): readonly object[] =>
  trees.map(({ requestId, events }) => ({ request: requestId, ...askedBy(events), events: events.map(nested) }));

function nested({ event, caused }: CausedEvent): object {
  return { ...event, caused: caused.map(nested) };
}

function heading({ requestId, events }: RequestTree): string {
  const { user, project, at } = askedBy(events);
  return onOneLine(`${requestId}  by ${user ?? '?'}${project === null ? '' : ` of project ${project}`}  ${at ?? ''}`);
}

function askedBy(events: readonly CausedEvent[]) {
  const event = events[0]?.event;
  const initiator = event === undefined ? null : initiatorOf(event);
  return {
    user: initiator?.userId ?? event?.metadata.actor ?? null,
    project: initiator?.projectId ?? null,
    at: event?.recordedAt ?? null,
  };
}

const initiatorOf = ({ data }: RecordedEvent): Initiator | null => ('initiator' in data ? data.initiator : null);

function branches(events: readonly CausedEvent[], indent: string): readonly string[] {
  return events.flatMap(({ event, caused }, index) => {
    const isLast = index === events.length - 1;
    const line = `${indent}${isLast ? '└─' : '├─'} ${lineOf(event)}`;
    return [line, ...branches(caused, `${indent}${isLast ? '   ' : '│  '}`)];
  });
}

function lineOf(event: RecordedEvent): string {
  const { position, recordedAt, metadata, data } = event;
  return `${position}  ${recordedAt}  ${metadata.actor.slice(0, 12)}  ${data.type}  ${eventText(event)}`.trimEnd();
}
