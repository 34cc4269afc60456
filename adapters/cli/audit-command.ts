import { InvalidArgumentError, type Command } from 'commander';
import { auditServer, type Moment, type ServerAudit } from '../../application/audit-server.ts';
import { instanceId } from '../../domain/shared/ids.ts';
import { openEventStore } from '../event-store/open-event-store.ts';
import { SystemClock } from '../system/system-clock.ts';
import { auditText } from './audit-text.ts';
import { addStoreOptions, storeUrl, type StoreOptions } from './store-option.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z?)?$/;

const HELP = `
Examples:
  lifeboat audit show 5f3c… --config /etc/lifeboat.json             the server now, and everything that happened to it
  lifeboat audit show 5f3c… --store sqlite:events.db --at 1042      as it was after the event at position 1042
  lifeboat audit show 5f3c… --store sqlite:events.db --at 2026-11-23T14:03:00Z --json`;

type ShowOptions = StoreOptions & { readonly at: Moment; readonly json?: boolean };

/** Adds `lifeboat audit show`. */
export function addAuditCommand(program: Command): void {
  const audit = program.command('audit').description('ask the log what was, when, and who did it');
  addStoreOptions(audit.command('show'))
    .description('replay a server to a moment: its state there, and its history up to there')
    .argument('<server>', 'the server’s id', (text) => {
      if (!UUID.test(text)) throw new InvalidArgumentError('expected a UUID in lower case');
      return text;
    })
    .option('--at <moment>', 'a position in the log, or a time in UTC', momentOf, { kind: 'now' } satisfies Moment)
    .option('--json', 'one JSON object')
    .addHelpText('after', HELP)
    .action(async (server: string, options: ShowOptions) => {
      const url = storeUrl(options);
      const { eventStore } = await openEventStore(url, new SystemClock());
      try {
        show(await auditServer(eventStore, instanceId(server), options.at), server, options.json === true);
      } finally {
        await eventStore.close();
      }
    });
}

function momentOf(text: string): Moment {
  if (/^\d{1,15}$/.test(text)) return { kind: 'position', position: Number(text) };
  if (!TIME.test(text) || Number.isNaN(Date.parse(text))) {
    throw new InvalidArgumentError('expected a position such as 1042 or a time such as 2026-11-23T14:03:00Z');
  }
  return { kind: 'time', time: new Date(text.endsWith('Z') || !text.includes('T') ? text : `${text}Z`).toISOString() };
}

function show(audit: ServerAudit, server: string, json: boolean): void {
  if (audit.state.existence === 'absent') throw new Error(`the log knows no server ${server} up to that moment`);
  if (!json) {
    console.log(auditText(audit));
    return;
  }
  const migrations = [...audit.migrations].map(([id, saga]) => ({ id, saga }));
  console.log(JSON.stringify({ server, state: audit.state, migrations, history: audit.history }));
}
