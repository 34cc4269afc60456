import type { ServerAudit } from '../../application/audit-server.ts';
import type { RecordedEvent } from '../../application/ports/event-store.ts';
import { taskStateOf } from '../../domain/instance/instance-state.ts';
import type { SagaEvent, StagedArtifact } from '../../domain/migration/saga-events.ts';
import { table } from './text-table.ts';

/** Fields of an event that say nothing to a reader: shown elsewhere, or too long. */
const UNSHOWN: ReadonlySet<string> = new Set([
  'type',
  'at',
  'initiator',
  'definition',
  'runner',
  'instanceId',
  'migrationId',
]);
const DETAIL_CHARACTERS_MAX = 110;

/** A server's state and its history as a person reads them: a table of facts, then one line for each event. */
export function auditText({ state, migrations, history }: ServerAudit): string {
  if (state.existence === 'absent') return 'unknown server';
  const facts: readonly (readonly [string, string])[] = [
    ['server', `${state.instanceId} (${state.name})`],
    ['host', state.host ?? 'none'],
    ['vm_state', state.vmState],
    ['task_state', state.existence === 'present' ? (taskStateOf(state) ?? 'none') : 'none'],
    ['image', state.images.imageId],
    ['rescue image', state.rescue?.images.imageId ?? 'none'],
    ['locked', state.locked ? `yes${state.lockedReason === null ? '' : ` (${state.lockedReason})`}` : 'no'],
    ...[...migrations].map(([id, saga]) => ['migration', `${id}: ${saga.phase}`] as const),
  ];
  return [...facts.map(([key, value]) => `${key.padEnd(14)}${value}`), '', historyText(history)].join('\n');
}

export function historyText(history: readonly RecordedEvent[]): string {
  return table(
    ['position', 'recorded at (UTC)', 'by', 'event', 'what'],
    history.map((event) => [
      String(event.position),
      event.recordedAt,
      event.metadata.actor.slice(0, 12),
      event.data.type,
      detail(event),
    ]),
  );
}

function detail({ data }: RecordedEvent): string {
  if (data.type === 'StepSucceeded') return stepDetail(data);
  if (data.type === 'PhaseReached' && data.artifacts.length > 0)
    return `${data.phase}, with ${originsOf(data.artifacts)}`;
  const shown = Object.entries(data).filter(
    ([key, value]) => !UNSHOWN.has(key) && value !== null && typeof value !== 'object',
  );
  return shown
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(' ')
    .slice(0, DETAIL_CHARACTERS_MAX);
}

function stepDetail({ result }: Extract<SagaEvent, { type: 'StepSucceeded' }>): string {
  switch (result.step) {
    case 'selectDestination':
      return `${result.step}: ${result.destination}`;
    case 'stageArtifacts':
      return `${result.step}: ${originsOf(result.artifacts)}`;
    case 'migrateGuest':
      return `${result.step}: downtime ${result.figures.downtimeMs ?? '?'} ms, learned by ${result.learnedBy}`;
    case 'prepareDestination':
    case 'confirmSource':
    case 'adoptAtDestination':
    case 'clearSource':
      return result.step;
  }
}

function originsOf(artifacts: readonly StagedArtifact[]): string {
  return artifacts.map(({ name, origin }) => `${name} from ${origin}`).join(', ');
}
