import type { Command } from 'commander';
import { eventsOf } from '../../application/audit/audit-fleet.ts';
import { isWithin, type Moment } from '../../application/audit/moment.ts';
import type { StreamName } from '../../application/ports/event-store.ts';
import { cloudEvent } from './cloud-event.ts';
import { checkPeriod, fromOption, MOMENT_HELP, toOption } from './moment-option.ts';
import { readingLog } from './reading-log.ts';
import { addStoreOptions, type StoreOptions } from './store-option.ts';
import { streamOf } from './stream-option.ts';

const HELP = `
One CloudEvents 1.0 object on each line, in the order of the log. \`position\` of the last line is the next --from.
${MOMENT_HELP}

Examples:
  lifeboat audit export --config /etc/lifeboat.json > events.ndjson
  lifeboat audit export --from 1042 --stream instance-5f3c…
To go on with what is recorded from now on: lifeboat events follow.`;

type ExportOptions = StoreOptions & { readonly from: Moment; readonly to: Moment; readonly stream?: StreamName };

/** Adds `lifeboat audit export`. */
export function addAuditExportCommand(audit: Command): void {
  addStoreOptions(audit.command('export'))
    .description('write events as newline-delimited CloudEvents')
    .addOption(fromOption())
    .addOption(toOption())
    .option('--stream <name>', 'only this stream, such as instance-5f3c…', streamOf)
    .addHelpText('after', HELP)
    .action(({ from, to, stream, ...store }: ExportOptions) =>
      readingLog(store, async (log, output) => {
        checkPeriod({ from, to });
        const after = from.kind === 'position' ? from.position : 0;
        const events = stream === undefined ? eventsOf(log, after) : await log.readStream(stream);
        for await (const event of events) {
          if (output.ended.aborted) return;
          if (to.kind === 'position' && event.position > to.position) break;
          if (isWithin(event, { from, to })) await output.write(cloudEvent(event));
        }
      }),
    );
}
