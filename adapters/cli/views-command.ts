import type { Command } from 'commander';
import { z } from 'zod';
import { answerAs, askCompute } from './ask-compute.ts';
import { computeEndpoint, type ComputeEndpoint } from './compute-endpoint.ts';
import { table } from './text-table.ts';

const HELP = `
These ask a running Compute API over HTTP as an administrator, by the variables that \`openstack\` reads: OS_AUTH_URL,
OS_USERNAME, OS_PASSWORD and OS_PROJECT_NAME, or OS_ENDPOINT and OS_TOKEN; without any, http://127.0.0.1:8774/v2.1.
What is asked for is recorded in the log, with who asked, and every process that follows the log obeys
(docs/operate/views.md).

Examples:
  lifeboat views                              how far each view is, and why one stands still
  lifeboat views --json                       for a monitor: exits with 1 when one stands still
  lifeboat views retry flavors                try the event once more
  lifeboat views skip flavors 5f3c…           go on behind this event, which \`lifeboat views\` names
  lifeboat views rebuild servers              make it anew from the whole log, while the old one serves`;

const stopSchema = z.looseObject({
  eventId: z.string(),
  eventType: z.string(),
  stream: z.string(),
  position: z.number(),
  reason: z.string(),
});
const viewsSchema = z.looseObject({
  views: z.array(
    z.looseObject({
      name: z.string(),
      position: z.number(),
      state: z.string(),
      rebuilding: z.boolean(),
      eventsBehind: z.number(),
      secondsBehind: z.number(),
      stop: stopSchema.nullable(),
      rebuildStop: stopSchema.nullable(),
    }),
  ),
});
type View = z.infer<typeof viewsSchema>['views'][number];

/** Adds `lifeboat views` and its `retry`, `skip` and `rebuild`. */
export function addViewsCommands(program: Command): void {
  const views = program
    .command('views')
    .description('how far the views of a running API are behind the log, and how one that stands still goes on')
    .option('--json', 'one JSON object for each')
    .addHelpText('after', HELP)
    .allowExcessArguments()
    .action((options: { readonly json?: boolean }, command: Command) => {
      const [unknown] = command.args;
      return unknown === undefined ? list(options.json === true) : refuseCommand(command, unknown);
    });
  views
    .command('retry')
    .description('try the event again that a view could not digest')
    .argument('<view>', 'its name')
    .action((view: string) => operate(view, { retry: null }));
  views
    .command('skip')
    .description('let a view go on behind the event that it cannot digest; recorded')
    .argument('<view>', 'its name')
    .argument('<event>', 'the id of the event, as `lifeboat views` shows it')
    .action((view: string, eventId: string) => operate(view, { skip: { eventId } }));
  views
    .command('rebuild')
    .description('make a view anew beside the one that serves, and switch when it has caught up')
    .argument('<view>', 'its name')
    .action((view: string) => operate(view, { rebuild: null }));
}

function refuseCommand(views: Command, unknown: string): never {
  const names = views.commands.map((command) => command.name()).join(', ');
  return views.error(`error: unknown command '${unknown}'; there are ${names}`);
}

async function list(json: boolean): Promise<void> {
  const endpoint = await computeEndpoint(process.env);
  const url = urlOf(endpoint);
  const { body } = await askCompute(endpoint, { method: 'GET', url });
  const { views } = answerAs(viewsSchema, url, body);
  console.log(json ? views.map((view) => JSON.stringify(view)).join('\n') : text(views));
  if (views.some(({ stop }) => stop !== null)) process.exitCode = 1;
}

function text(views: readonly View[]): string {
  const rows = views.map(({ name, position, state, rebuilding, eventsBehind, secondsBehind }) => [
    name,
    rebuilding ? `${state}, being rebuilt` : state,
    String(position),
    String(eventsBehind),
    String(secondsBehind),
  ]);
  const stops = views.flatMap(({ name, stop, rebuildStop }) => [
    ...(stop === null ? [] : [`${stopText(`${name} stands still`, stop)}\n${remedyText(name, stop)}`]),
    ...(rebuildStop === null ? [] : [stopText(`${name} could not be rebuilt`, rebuildStop)]),
  ]);
  return [table(['view', 'state', 'position', 'events behind', 'seconds behind'], rows), ...stops].join('\n\n');
}

const stopText = (what: string, { eventId, eventType, stream, position, reason }: z.infer<typeof stopSchema>): string =>
  `${what} at ${eventType} ${eventId} of ${stream} (position ${position}):\n  ${reason}`;

const remedyText = (view: string, { eventId }: z.infer<typeof stopSchema>): string =>
  `  lifeboat views retry ${view}, or lifeboat views skip ${view} ${eventId}     (docs/operate/views.md tells which)`;

async function operate(view: string, body: object): Promise<void> {
  const endpoint = await computeEndpoint(process.env);
  const url = `${urlOf(endpoint)}/${encodeURIComponent(view)}/action`;
  await askCompute(endpoint, { method: 'POST', url, body });
  console.log(`Recorded for the view ${view}; \`lifeboat views\` shows what comes of it.`);
}

/** Beside the Compute API, whose URL the catalog knows. */
const urlOf = ({ url }: ComputeEndpoint): string => `${url.replace(/\/v2(?:\.1)?(?:\/.*)?$/, '')}/lifeboat/views`;
