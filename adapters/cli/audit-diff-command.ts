import type { Command } from 'commander';
import { type Moment } from '../../application/audit/moment.ts';
import { changesOf } from '../../application/audit/state-changes.ts';
import { requireSubject, subjectName } from './audit-subject-argument.ts';
import { changesJson, changesText } from './changes-text.ts';
import { checkPeriod, MOMENT_HELP, momentOf, toOption } from './moment-option.ts';
import { readingLog } from './reading-log.ts';
import { addStoreOptions, type StoreOptions } from './store-option.ts';

const HELP = `
${MOMENT_HELP}

Examples:
  lifeboat audit diff 5f3c… --from 2026-11-23T14:00:00Z --to 2026-11-23T15:00:00Z
  lifeboat audit diff 5f3c… --from 1042 --json`;

type DiffOptions = StoreOptions & { readonly from: Moment; readonly to: Moment; readonly json?: boolean };

/** Adds `lifeboat audit diff`. */
export function addAuditDiffCommand(audit: Command): void {
  addStoreOptions(audit.command('diff'))
    .description('what became different between two moments, field by field, and which event made it so')
    .argument('<subject>', 'id of a server or of a migration, or name of a host', subjectName)
    .requiredOption('--from <moment>', 'a time or a position', momentOf)
    .addOption(toOption())
    .option('--json', 'one JSON object')
    .addHelpText('after', HELP)
    .action((name: string, { from, to, json, ...store }: DiffOptions) =>
      readingLog(store, async (log, output) => {
        checkPeriod({ from, to });
        const subject = await requireSubject(log, name);
        const changes = changesOf(subject, { from, to });
        const asJson = () => JSON.stringify({ [subject.kind]: subject.name, changes: changesJson(changes) });
        await output.write(json === true ? asJson() : changesText(changes));
      }),
    );
}
