import type { InstanceActionAnswer } from '../support/compute-answers.ts';
import type { DemoRun } from './demo-run.ts';
import { auditForPeople, recordedMigration, type RecordedMigration } from './recorded-history.ts';
import type { Reported } from './server-steps.ts';
import { table } from '../../adapters/cli/text-table.ts';

type ShownHistory = {
  readonly actions: readonly InstanceActionAnswer[];
  readonly recorded: RecordedMigration;
};

/** Step 6. */
export async function showHistory(
  { client, server: lifeboat, output }: DemoRun,
  server: string,
): Promise<Reported<ShownHistory>> {
  output.doing('reading the instance actions and the log');
  const [actions, recorded, text] = await Promise.all([
    client.instanceActions(server),
    recordedMigration(server, lifeboat),
    auditForPeople(server, lifeboat),
  ]);
  const events = actions.flatMap((action) => action.events);
  return {
    value: { actions, recorded },
    report: {
      facts: { actions, artifacts: recorded.artifacts, history: recorded.history },
      summary: `${actions.length} instance actions with ${events.length} events; ${recorded.history.length} events in the log`,
      details: { form: 'table', text: `${actionTable(actions)}\n\nlifeboat audit show ${server}\n\n${text.trimEnd()}` },
    },
  };
}

function actionTable(actions: readonly InstanceActionAnswer[]): string {
  const rows = actions.flatMap(({ action, request_id, events }) =>
    events
      .toReversed()
      .map(({ event, host, result, start_time, finish_time }, index) => [
        index === 0 ? action : '',
        event,
        host ?? '-',
        result ?? '-',
        start_time.slice(11, 23),
        finish_time === null ? '-' : `${Date.parse(`${finish_time}Z`) - Date.parse(`${start_time}Z`)} ms`,
        index === 0 ? request_id : '',
      ]),
  );
  return table(['action', 'event', 'host', 'result', 'started (UTC)', 'took', 'request'], rows);
}
