import type { RecordedEvent } from '../../application/ports/event-store.ts';
import type { SagaEvent, StagedArtifact } from '../../domain/migration/saga-events.ts';

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

/** What an event says beside its type, on one line of bounded length. */
export function eventText({ data }: Pick<RecordedEvent, 'data'>): string {
  if (data.type === 'StepSucceeded') return stepText(data);
  if (data.type === 'PhaseReached' && data.artifacts.length > 0)
    return `${data.phase}, with ${originsOf(data.artifacts)}`;
  const shown = Object.entries(data).filter(
    ([key, value]) => !UNSHOWN.has(key) && value !== null && typeof value !== 'object',
  );
  return onOneLine(shown.map(([key, value]) => `${key}=${String(value)}`).join(' ')).slice(0, DETAIL_CHARACTERS_MAX);
}

/** What a server's owner has written may hold what a terminal would obey. */
export const onOneLine = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ');

function stepText({ result }: Extract<SagaEvent, { type: 'StepSucceeded' }>): string {
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
