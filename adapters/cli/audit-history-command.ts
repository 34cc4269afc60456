import type { Command } from 'commander';
import { eventsOf } from '../../application/audit/audit-fleet.ts';
import { requestTrees } from '../../application/audit/event-tree.ts';
import { isWithin, type Moment } from '../../application/audit/moment.ts';
import type { EventStore, RecordedEvent } from '../../application/ports/event-store.ts';
import { requireSubject, subjectName } from './audit-subject-argument.ts';
import { historyJson, historyText } from './history-text.ts';
import { checkPeriod, fromOption, MOMENT_HELP, toOption } from './moment-option.ts';
import { readingLog } from './reading-log.ts';
import { addStoreOptions, type StoreOptions } from './store-option.ts';

/** Of a search through the whole log: more than that nobody reads as a tree, and memory holds. */
const FOUND_EVENTS_MAX = 100_000;

const HELP = `
Each request is a tree: what it asked for, and below that what followed. The id of a request is what the API answered in
X-OpenStack-Request-Id, and what \`openstack server event list\` shows.
${MOMENT_HELP}

Examples:
  lifeboat audit history 5f3c…                          everything about a server, by request
  lifeboat audit history --from 2026-11-23T14:00:00Z    all that happened since (without a subject, the whole log is read)
  lifeboat audit history --request req-6f0c…            what one request led to, anywhere
  lifeboat audit history --by a3f1c2d4… --from 1042     what one user has done since`;

type Filter = {
  readonly request?: string;
  readonly by?: string;
  readonly from: Moment;
  readonly to: Moment;
};
type HistoryOptions = StoreOptions & Filter & { readonly json?: boolean };

/** Adds `lifeboat audit history`. */
export function addAuditHistoryCommand(audit: Command): void {
  addStoreOptions(audit.command('history'))
    .description('who did what, in which request, and what that led to')
    .argument('[subject]', 'id of a server or of a migration, or name of a host; without it, any', subjectName)
    .option('--request <id>', 'only this request')
    .option('--by <user>', 'only what this user’s requests led to')
    .addOption(fromOption())
    .addOption(toOption())
    .option('--json', 'one JSON object')
    .addHelpText('after', HELP)
    .action((name: string | undefined, { json, ...options }: HistoryOptions) =>
      readingLog(options, async (log, output) => {
        checkPeriod(options);
        const trees = requestTrees(await found(log, name, options));
        if (trees.length === 0) throw new Error('the log has no such event');
        await output.write(json === true ? JSON.stringify({ requests: historyJson(trees) }) : historyText(trees));
      }),
    );
}

async function found(
  log: Pick<EventStore, 'readStream' | 'readAll'>,
  name: string | undefined,
  filter: Filter,
): Promise<readonly RecordedEvent[]> {
  if (name !== undefined) return byRequest((await requireSubject(log, name)).history, filter);
  const events: RecordedEvent[] = [];
  const requests = new Set<string>();
  for await (const event of eventsOf(log, 0)) {
    if (!isAsked(event, filter, requests)) continue;
    if (events.push(event) > FOUND_EVENTS_MAX) {
      throw new Error(`more than ${FOUND_EVENTS_MAX} events; narrow it with --from and --to, --request or --by`);
    }
  }
  return events;
}

function byRequest(events: readonly RecordedEvent[], filter: Filter): readonly RecordedEvent[] {
  const requests = new Set<string>();
  return events.filter((event) => isAsked(event, filter, requests));
}

/** `requests` remembers those of the user: what follows from them is recorded by others. */
function isAsked(event: RecordedEvent, { request, by, ...period }: Filter, requests: Set<string>): boolean {
  const { correlationId, actor } = event.metadata;
  if (actor === by) requests.add(correlationId);
  if (by !== undefined && !requests.has(correlationId)) return false;
  return (request === undefined || correlationId === request) && isWithin(event, period);
}
