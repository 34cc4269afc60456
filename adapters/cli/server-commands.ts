import type { Command } from 'commander';
import { SystemClock } from '../system/system-clock.ts';
import { computeEndpoint } from './compute-endpoint.ts';
import { OperatorApi, type OperatedServer } from './operator-api.ts';

const POLL_INTERVAL_MS = 500;
const WAIT_SECONDS_DEFAULT = 3600;
const MS_PER_SECOND = 1000;

const HELP = `
These ask a running Compute API over HTTP, as \`openstack\` does and by the same variables: OS_AUTH_URL, OS_USERNAME,
OS_PASSWORD and OS_PROJECT_NAME, or OS_ENDPOINT and OS_TOKEN; without any, http://127.0.0.1:8774/v2.1 without a token.

Examples:
  lifeboat server live-migrate web                    to a host that is chosen; waits until it is there
  lifeboat server live-migrate web --host host-2      to this one (administrators only)
  lifeboat server abort-migration web                 it stays where it is`;

type MigrateOptions = { readonly host?: string; readonly wait: boolean; readonly timeout: string };

/** Adds `lifeboat server live-migrate`, `abort-migration` and `force-complete-migration`. */
export function addServerCommands(program: Command): void {
  const server = program
    .command('server')
    .description('live migrate a server, rescued or not')
    .addHelpText('after', HELP);
  server
    .command('live-migrate')
    .description('move a server to another host without a restart; a rescued one stays rescued')
    .argument('<server>', 'its name in the project, or its id')
    .option('--host <host>', 'to this host')
    .option('--no-wait', 'do not wait until it is there')
    .option('--timeout <seconds>', 'how long to wait; the migration itself goes on', String(WAIT_SECONDS_DEFAULT))
    .action(async (wanted: string, options: MigrateOptions) => liveMigrate(await openApi(), wanted, options));
  server
    .command('abort-migration')
    .description('stop the live migration of a server that is under way')
    .argument('<server>', 'its name in the project, or its id')
    .action((wanted: string) => pull(wanted, 'abort'));
  server
    .command('force-complete-migration')
    .description('pause a server that writes too fast to be copied, until it is on its new host')
    .argument('<server>', 'its name in the project, or its id')
    .action((wanted: string) => pull(wanted, 'forceComplete'));
}

const openApi = async (): Promise<OperatorApi> => new OperatorApi(await computeEndpoint(process.env));

async function liveMigrate(api: OperatorApi, wanted: string, options: MigrateOptions): Promise<void> {
  const timeoutSeconds = Number(options.timeout);
  if (!(timeoutSeconds > 0)) throw new Error(`--timeout: found ${options.timeout}; expected a number of seconds`);
  const { id, name } = await api.findServer(wanted);
  const requestId = await api.liveMigrate(id, options.host ?? null);
  console.log(`Asked: live migration of ${name} (${id}), request ${requestId}.`);
  if (!options.wait) return;
  const server = await whenIdle(api, id, timeoutSeconds * MS_PER_SECOND);
  const reason = await api.failureOf(id, requestId);
  if (reason !== null) throw new Error(`the server was not migrated: ${reason}`);
  const host = server['OS-EXT-SRV-ATTR:host'] ?? null;
  console.log(`Migrated: ${name} is ${server.status}${host === null ? '' : ` on ${host}`}.`);
}

async function whenIdle(api: OperatorApi, id: string, timeoutMs: number): Promise<OperatedServer> {
  const clock = new SystemClock();
  const endsAt = performance.now() + timeoutMs;
  for (;;) {
    const server = await api.server(id);
    if (server['OS-EXT-STS:task_state'] === null) return server;
    if (performance.now() >= endsAt) {
      throw new Error(`the migration has not ended within ${timeoutMs / MS_PER_SECOND} s; it goes on`);
    }
    await clock.sleep(POLL_INTERVAL_MS);
  }
}

async function pull(wanted: string, lever: 'abort' | 'forceComplete'): Promise<void> {
  const api = await openApi();
  const { id, name } = await api.findServer(wanted);
  const migration = await api.migrationInProgress(id);
  if (migration === null) throw new Error(`${name} is not being live migrated`);
  await api[lever](id, migration);
  console.log(
    `Asked: ${lever === 'abort' ? 'abort of' : 'force completion of'} migration ${migration} of ${name} (${id}).`,
  );
}
