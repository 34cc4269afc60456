import type { MigrationRow } from '../../application/views/migrations-view.ts';
import { possibleResolutions } from '../../domain/migration/decide-lever.ts';
import { stepAt } from '../../domain/migration/saga-steps.ts';
import { table } from './text-table.ts';

const NAME_OF = { retry: 'retry', rollback: 'rollback', adoptDestination: 'adopt-destination' } as const;

/** A table, and below it for each one that has stopped: why, and what can be said to it. */
export function migrationsText(rows: readonly MigrationRow[]): string {
  if (rows.length === 0) return 'No migration is under way, and none waits for an operator.';
  const lines = rows.map((row) => [
    String(row.number),
    row.instanceId,
    row.source,
    row.destination ?? '-',
    row.status,
    placeOf(row),
    row.updatedAt,
  ]);
  const stopped = rows.flatMap(storyOf);
  const head = ['id', 'server', 'source', 'destination', 'status', 'at', 'since'];
  return [table(head, lines), ...stopped].join('\n');
}

/** One JSON object for each. */
export function migrationsJson(rows: readonly MigrationRow[]): readonly string[] {
  return rows.map(
    ({ number, migrationId, instanceId, source, destination, status, reason, createdAt, updatedAt, saga }) =>
      JSON.stringify({
        id: number,
        uuid: migrationId,
        server: instanceId,
        source,
        destination,
        status,
        needs_operator: saga.phase === 'needsOperator',
        stopped_at: saga.phase === 'needsOperator' ? saga.stoppedAt : null,
        possible: saga.phase === 'needsOperator' ? possibleResolutions(saga).map((known) => NAME_OF[known]) : [],
        reason,
        created_at: createdAt,
        updated_at: updatedAt,
      }),
  );
}

function placeOf({ saga }: MigrationRow): string {
  switch (saga.phase) {
    case 'needsOperator':
      return `${saga.stoppedAt} (stopped)`;
    case 'forward':
      return stepAt(saga.stepIndex).name;
    case 'unwinding':
      return stepAt(saga.stepIndex).undo ?? '-';
    case 'absent':
    case 'completed':
    case 'rolledBack':
      return '-';
  }
}

function storyOf({ number, saga }: MigrationRow): readonly string[] {
  if (saga.phase !== 'needsOperator') return [];
  const possible = possibleResolutions(saga).map((known) => NAME_OF[known]);
  return [
    '',
    `${number} has stopped at ${saga.stoppedAt} and needs an operator: ${saga.reason}`,
    `  lifeboat migration resolve ${number} ${possible.join('|')}     (lifeboat migration resolve --help tells which)`,
  ];
}
