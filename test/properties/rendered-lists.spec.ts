import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { isInstanceEvent } from '../../application/aggregates.ts';
import type { RecordedEvent } from '../../application/ports/event-store.ts';
import { ComputeApiWorld } from '../support/compute-api-world.ts';
import { log } from './histories.fixture.ts';

const look = fc.record({
  microversion: fc.constantFrom('2.1', '2.8', '2.16', '2.53', '2.93', '2.105'),
  roles: fc.constantFrom('admin', 'reader'),
  host: fc.constantFrom('one.example', 'two.example'),
  /** Of whatever is migrating at that moment. */
  memoryRemainingBytes: fc.nat(100),
});
type Look = typeof look extends fc.Arbitrary<infer Value> ? Value : never;

const COUNTERS = { memoryTotalBytes: 100, memoryProcessedBytes: 0, diskTotalBytes: 0 };
const NO_DISK = { diskProcessedBytes: 0, diskRemainingBytes: 0 };

/** The list as it would be if nothing were kept: made of what each server of the plain list says when asked for alone. */
async function madeAnew(world: ComputeApiWorld, asked: Parameters<ComputeApiWorld['call']>[2], query: string) {
  const index = (await world.call('GET', `/v2.1/servers?${query}`, asked)).json();
  const servers = [];
  for (const { id } of index.servers) {
    const { server_groups: _onlyAlone, ...server } = (await world.call('GET', `/v2.1/servers/${id}`, asked)).json()
      .server;
    servers.push(server);
  }
  const links = index.servers_links?.map(({ href, rel }: { href: string; rel: string }) => ({
    rel,
    href: href.replace('/servers?', '/servers/detail?'),
  }));
  return JSON.stringify({ servers, ...(links === undefined ? {} : { servers_links: links }) });
}

/** Asked in several ways while a migration goes on: the servers stay the same, what is told of them does not. */
async function expectTruth(world: ComputeApiWorld, project: string, wanted: Look): Promise<void> {
  const { microversion, roles, host } = wanted;
  const asked = { microversion, roles, project, headers: { host } };
  for (const memoryRemainingBytes of [wanted.memoryRemainingBytes, 0]) {
    for (const { migration } of world.views.servers.all()) {
      if (migration !== null) world.progress.report(migration, { ...COUNTERS, ...NO_DISK, memoryRemainingBytes });
    }
    for (const shown of ['', '&limit=1', '&sort_key=vm_state']) {
      const query = `${roles === 'admin' ? 'all_tenants=1' : ''}${shown}`;
      const detail = await world.call('GET', `/v2.1/servers/detail?${query}`, asked);
      expect(detail.statusCode).toBe(200);
      expect(detail.body).toBe(await madeAnew(world, asked, query));
    }
  }
}

const ownerIn = (events: readonly RecordedEvent[]): string =>
  events.flatMap(({ data }) => (data.type === 'InstanceCreateRequested' ? [data.initiator.projectId] : []))[0] ?? '';

it('a list says, byte for byte, what its servers say alone, whatever happened and was asked before', async () => {
  await fc.assert(
    fc.asyncProperty(log, fc.array(look, { minLength: 1, maxLength: 6 }), async (events, looks) => {
      const world = new ComputeApiWorld();
      try {
        const project = ownerIn(events);
        for (const event of events) {
          world.views.project(event);
          if (!isInstanceEvent(event.data)) continue;
          const wanted = looks[event.position % (2 * looks.length)];
          if (wanted !== undefined) await expectTruth(world, project, wanted);
        }
        for (const wanted of looks) await expectTruth(world, project, wanted);
      } finally {
        await world.close();
      }
    }),
    { numRuns: 15 },
  );
}, 60_000);
