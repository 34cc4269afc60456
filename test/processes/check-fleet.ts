import type { EventStore, RecordedEvent } from '../../application/ports/event-store.ts';
import { Views } from '../../application/views/views.ts';
import { hostName, instanceId } from '../../domain/shared/ids.ts';
import { ComputeClient } from '../support/compute-client.ts';
import type { FleetClient } from './fleet-client.ts';
import { HOSTS, type ProcessWorld } from './process-world.ts';

const REST_DEADLINE_MS = 60_000;
const LOOK_MS = 100;
const RUNNING: ReadonlySet<string> = new Set(['active', 'rescued']);

/** Waits until nothing is under way by the log; answers what still is when it does not come to rest. */
export async function awaitRest({ clock }: ProcessWorld, log: EventStore): Promise<readonly string[]> {
  const views = new Views();
  const endsAt = performance.now() + REST_DEADLINE_MS;
  for (;;) {
    await views.rebuild(log);
    const busy = underWay(views);
    if (busy.length === 0 || performance.now() > endsAt) return busy;
    await clock.sleep(LOOK_MS);
  }
}

function underWay({ servers, migrations }: Views): readonly string[] {
  const tasks = [...servers.all()].filter(({ existence, task }) => existence === 'present' && task !== null);
  const sagas = [...migrations.all()].filter(({ saga }) => !['completed', 'rolledBack'].includes(saga.phase));
  return [
    ...tasks.map(({ instanceId: id, task }) => `server ${id} is in the middle of ${task?.task}`),
    ...sagas.map(({ number, saga }) => `migration ${number} is ${saga.phase}: ${JSON.stringify(saga)}`),
  ];
}

/** Everything that must hold when nothing is under way. Answers what does not. */
export async function checkFleet(
  world: ProcessWorld,
  client: FleetClient,
  log: EventStore,
): Promise<readonly string[]> {
  const events = await wholeLog(log);
  const views = new Views();
  for (const event of events) views.project(event);
  const found = [...world.witness.violations, ...checkClaims(events)];
  const heard = new Set(events.map(({ metadata }) => metadata.correlationId));
  found.push(
    ...client.accepted.filter((id) => !heard.has(id)).map((id) => `${id} was accepted, and is not in the log`),
  );
  for (const id of client.servers) found.push(...checkServer(world, views, id));
  for (const api of world.apis) found.push(...(await checkShown(api.url, views)));
  return found;
}

async function wholeLog(log: EventStore): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (;;) {
    const page = await log.readAll(events.at(-1)?.position ?? 0, 1000);
    events.push(...page);
    if (page.length < 1000) return events;
  }
}

/** Epochs follow one another, and what is begun is begun by the one who has claimed. */
function checkClaims(events: readonly RecordedEvent[]): readonly string[] {
  const claims = new Map<string, { readonly epoch: number; readonly runner: string }>();
  const found: string[] = [];
  for (const { stream, data } of events) {
    const claim = claims.get(stream);
    if (data.type === 'MigrationClaimed') {
      if (data.epoch !== (claim?.epoch ?? 0) + 1) found.push(`${stream}: epoch ${data.epoch} after ${claim?.epoch}`);
      claims.set(stream, data);
    } else if ((data.type === 'StepStarted' || data.type === 'UndoStarted') && data.runner !== claim?.runner) {
      found.push(`${stream}: ${data.type} by ${data.runner}, claimed by ${claim?.runner}`);
    }
  }
  return found;
}

function checkServer({ cloud }: ProcessWorld, { servers }: Views, id: string): readonly string[] {
  const server = instanceId(id);
  const row = servers.find(server);
  if (row === null) return [`server ${id} was accepted, and is not in the log`];
  if (row.host === null) return [`server ${id} is on no host (${row.vmState})`];
  const found: string[] = [];
  const running = cloud.runningCopies(server);
  const wanted = RUNNING.has(row.vmState) ? [row.host] : [];
  if (row.vmState !== 'error' && JSON.stringify(running) !== JSON.stringify(wanted)) {
    found.push(`server ${id} is ${row.vmState} on ${row.host}, and runs on [${running.join(' ')}]`);
  }
  if (cloud.mostRunningCopies(server) > 1) found.push(`server ${id} ran twice at one moment`);
  for (const host of HOSTS.filter((other) => other !== row.host)) {
    if (cloud.guest(hostName(host), server) !== null)
      found.push(`server ${id} is on ${row.host}, its guest also on ${host}`);
    if (cloud.files(hostName(host), server) !== null)
      found.push(`server ${id} is on ${row.host}, its files also on ${host}`);
  }
  return found;
}

/** Every API process shows what the log says. */
async function checkShown(url: string | null, views: Views): Promise<readonly string[]> {
  if (url === null) return ['an API process does not answer'];
  const client = new ComputeClient(url);
  const found: string[] = [];
  for (const { instanceId: id, host, vmState } of views.servers.all()) {
    const shown = await client.server(id);
    if (shown.host !== host || shown.taskState !== null)
      found.push(`${url} shows ${JSON.stringify(shown)}, not ${vmState} on ${host}`);
  }
  const down = (await client.services()).filter(({ state }) => state !== 'up');
  return [...found, ...down.map(({ host }) => `${url} shows ${host} as down`)];
}
