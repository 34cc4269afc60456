import * as fc from 'fast-check';
import { Agent } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { computeRoutes } from '../../adapters/http/compute-routes.ts';
import type { RouteDependencies } from '../../adapters/http/http-dependencies.ts';
import type { DomainEvent, RecordedEvent } from '../../application/ports/event-store.ts';
import { ComputeApiWorld, FLAVOR, QUEUED_IMAGE } from '../support/compute-api-world.ts';
import { hostileRequests, type KnownNames } from '../support/hostile-requests.ts';
import { exchange, type Question, type Reply } from '../support/http-exchange.ts';
import { IMAGE, type Stage } from '../support/server-stages.ts';

const REQUESTS = 1000;
/** Some are deleted on the way. */
const SERVERS_OF_EACH = 4;
const TIMEOUT_MS = 120_000;
const PAGE = 100;
/** As in Nova, a password that cannot be set is an instance action with an error, and a 409. It changes nothing. */
const RECORDED_THOUGH_REFUSED: DomainEvent['type'] = 'AdminPasswordChangeFailed';
const STAGES: readonly Stage[] = [
  'building',
  'active',
  'paused',
  'stopped',
  'rescued',
  'error',
  'rescuing',
  'unrescuing',
  'migrating',
  'rebooting',
  'deleting',
  'deleted',
];

let world: ComputeApiWorld;
let port: number;
let known: KnownNames;
const agent = new Agent({ keepAlive: true });
// Only their methods and paths are looked at here.
const ROUTES = computeRoutes({} as RouteDependencies);

beforeAll(async () => {
  world = new ComputeApiWorld();
  await world.computeService('source', 74);
  await world.computeService('destination', 74);
  const servers: string[] = [];
  for (const stage of STAGES.flatMap((each) => Array.from({ length: SERVERS_OF_EACH }, () => each))) {
    servers.push(await world.serverIn(stage));
  }
  const group = { server_group: { name: 'apart', policies: ['anti-affinity'] } };
  const { server_group } = (await world.call('POST', '/v2.1/os-server-groups', { body: group })).json<{
    server_group: { id: string };
  }>();
  await world.call('POST', '/v2.1/os-keypairs', { body: { keypair: { name: 'mine' } } });
  known = {
    servers,
    others: [FLAVOR.id, 'source', 'enable', 'nova-compute', 'mine', server_group.id, IMAGE, QUEUED_IMAGE],
  };
  port = Number(new URL(await world.server.listen({ host: '127.0.0.1', port: 0 })).port);
});
afterAll(async () => {
  agent.destroy();
  await world.close();
});

/** What the log has gained; the views of this process have seen everything that an answer told of. */
async function recordedAfter(position: number): Promise<readonly RecordedEvent[]> {
  const events = await world.eventStore.readAll(position, PAGE);
  const last = events.at(-1);
  return last === undefined ? [] : [...events, ...(await recordedAfter(last.position))];
}

/** Nova's fault, Keystone's 401, or what the layers in front of Nova say. */
function isFault(status: number, text: string): boolean {
  const body: unknown = JSON.parse(text);
  if (typeof body !== 'object' || body === null) return false;
  if ('title' in body && 'message' in body) return true;
  const [told, ...others] = Object.values(body);
  return others.length === 0 && Reflect.get(Object(told), 'code') === status && Reflect.has(Object(told), 'message');
}

function expectProperAnswer(question: Question, { status, headers, text }: Reply): void {
  expect(status).toBeGreaterThanOrEqual(200);
  // 501 is Nova's word for what no host here can do.
  expect([500, 502, 503, 504]).not.toContain(status);
  expect(world.reported).toEqual([]);
  if (status >= 400 && question.method !== 'HEAD') expect(isFault(status, text)).toBe(true);
  else if (text !== '') expect(() => JSON.parse(text)).not.toThrow();
  // Not for what is said before anybody looks at a path.
  if (headers.has('openstack-api-version')) {
    expect(headers.get('vary')).toEqual(['OpenStack-API-Version', 'X-OpenStack-Nova-API-Version']);
    expect(headers.get('x-compute-request-id')).toEqual(headers.get('x-openstack-request-id'));
  }
}

describe('whatever a client sends', () => {
  it(
    'is answered, never with a 500, and changes nothing when it is refused or only asks',
    async () => {
      let position = (await recordedAfter(0)).at(-1)?.position ?? 0;
      const statuses = new Map<number, number>();
      await fc.assert(
        fc.asyncProperty(hostileRequests(ROUTES, known), async (question) => {
          const reply = await exchange(port, agent, question);
          expectProperAnswer(question, reply);
          statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1);
          const recorded = await recordedAfter(position);
          position = recorded.at(-1)?.position ?? position;
          const changes = recorded.filter(({ data }) => data.type !== RECORDED_THOUGH_REFUSED);
          if (reply.status >= 400 || question.method === 'GET') expect(changes).toEqual([]);
        }),
        { numRuns: REQUESTS },
      );
      // Refused and taken both often enough to prove something.
      for (const status of [200, 202, 400, 401, 403, 404, 409]) expect([...statuses.keys()]).toContain(status);
    },
    TIMEOUT_MS,
  );
});
