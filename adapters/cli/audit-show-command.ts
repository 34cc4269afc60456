import { type Command, Option } from 'commander';
import { fleetAt } from '../../application/audit/audit-fleet.ts';
import { migrationsAt, stateAt, type Subject, type SubjectState } from '../../application/audit/audit-subject.ts';
import { isUpTo, NOW, type Moment } from '../../application/audit/moment.ts';
import { auditText } from './audit-text.ts';
import { requireSubject, subjectName } from './audit-subject-argument.ts';
import { fleetJson, fleetText } from './fleet-text.ts';
import { MOMENT_HELP, momentOf, positionOf } from './moment-option.ts';
import { readingLog } from './reading-log.ts';
import { addStoreOptions, type StoreOptions } from './store-option.ts';

const HELP = `
${MOMENT_HELP}
One subject is answered from its own streams, however long the log is; the fleet needs the log up to the moment.

Examples:
  lifeboat audit show 5f3c… --config /etc/lifeboat.json             a server now, and everything that happened to it
  lifeboat audit show 5f3c… --at 2026-11-23T14:03:00Z --json        as it was then
  lifeboat audit show 9b1d… --position 1042                         a migration, after the event at that position
  lifeboat audit show host-1                                        a compute service
  lifeboat audit show --at 2026-11-23T14:03:00Z                     the whole fleet as it was then`;

type ShowOptions = StoreOptions & { readonly at?: Moment; readonly position?: Moment; readonly json?: boolean };

/** Adds `lifeboat audit show`. */
export function addAuditShowCommand(audit: Command): void {
  addStoreOptions(audit.command('show'))
    .description('replay to a moment: what a server, a migration, a host or the whole fleet was')
    .argument('[subject]', 'id of a server or of a migration, or name of a host; without it, the fleet', subjectName)
    .option('--at <moment>', 'a time or a position; without it, now', momentOf)
    .addOption(new Option('--position <position>', 'a position').argParser(positionOf).conflicts('at'))
    .option('--json', 'one JSON object')
    .addHelpText('after', HELP)
    .action((name: string | undefined, options: ShowOptions) =>
      readingLog(options, async (log, output) => {
        const moment = options.at ?? options.position ?? NOW;
        if (name === undefined) {
          const views = await fleetAt(log, moment);
          return output.write(options.json === true ? fleetJson(views) : fleetText(views));
        }
        return output.write(shown(await requireSubject(log, name), moment, options.json === true));
      }),
    );
}

function shown(subject: Subject, moment: Moment, asJson: boolean): string {
  const history = subject.history.filter((event) => isUpTo(event, moment));
  if (history.length === 0) throw new Error(`the log knows no ${subject.kind} ${subject.name} up to that moment`);
  const audited = stateAt(subject, moment);
  const migrations = subject.kind === 'server' ? migrationsAt(subject, moment) : [];
  if (!asJson) return auditText(audited, migrations, history);
  return JSON.stringify({
    [subject.kind]: subject.name,
    state: audited.state,
    ...listed(audited, migrations),
    history,
  });
}

const listed = ({ kind }: SubjectState, migrations: ReturnType<typeof migrationsAt>) =>
  kind === 'server' ? { migrations: migrations.map(([id, saga]) => ({ id, saga })) } : {};
