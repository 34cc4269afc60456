import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InstanceId } from '../../../domain/shared/ids.ts';
import { ComputeApiWorld } from '../../support/compute-api-world.ts';
import { OTHER_PROJECT, PROJECT } from '../../support/role-header-identity.ts';

const MICROVERSIONS = ['2.1', '2.30', '2.51', '2.62', '2.84', '2.105'];
/** What the worlds of these tests call their hosts. */
const HOSTS: readonly unknown[] = ['source', 'destination'];

const world = new ComputeApiWorld();
let servers: readonly InstanceId[];
beforeAll(async () => {
  for (const host of HOSTS) await world.computeService(String(host), 74);
  servers = [await world.serverIn('rescued'), await world.serverIn('migrating'), await world.serverIn('error')];
});
afterAll(() => world.close());

/** Every value in a JSON answer, however deep. */
function* valuesIn(json: unknown): Generator {
  if (typeof json !== 'object' || json === null) return yield json;
  for (const value of Object.values(json)) yield* valuesIn(value);
}

async function answersTo(roles: string, microversion: string, project = PROJECT) {
  const get = (path: string) => world.call('GET', `/v2.1${path}`, { roles, microversion, project });
  const actionsOf = async (id: InstanceId): Promise<readonly string[]> => {
    const listed = await get(`/servers/${id}/os-instance-actions`);
    if (listed.statusCode !== 200) return [];
    const actions: readonly { request_id: string }[] = listed.json().instanceActions;
    return actions.map(({ request_id }) => `/servers/${id}/os-instance-actions/${request_id}`);
  };
  const paths = [
    '/servers/detail',
    `/os-migrations?project_id=${PROJECT}`,
    ...servers.flatMap((id) => [`/servers/${id}`, `/servers/${id}/migrations`, `/servers/${id}/os-instance-actions`]),
    ...(await Promise.all(servers.map(actionsOf))).flat(),
  ];
  return Promise.all(paths.map(async (path) => ({ path, answer: await get(path) })));
}

describe('names of hosts and reasons of failures', () => {
  it.each(MICROVERSIONS)('are told to administrators at %s', async (microversion) => {
    const answers = await answersTo('admin', microversion);
    const values = answers.flatMap(({ answer }) => [...valuesIn(answer.json())]);
    expect(values).toContain('source');
  });

  it.each(
    ['reader', 'member', 'manager'].flatMap((role) => MICROVERSIONS.map((microversion) => ({ role, microversion }))),
  )('are not told to a $role at $microversion', async ({ role, microversion }) => {
    const answers = await answersTo(role, microversion);
    expect(answers.filter(({ answer }) => answer.statusCode === 200).length).toBeGreaterThan(5);
    for (const { path, answer } of answers) {
      const told = [...valuesIn(answer.json())].filter((value) => HOSTS.includes(value));
      expect({ path, told }).toEqual({ path, told: [] });
      expect(answer.body).not.toMatch(/traceback|"details"|OS-EXT-SRV-ATTR:(host"|hypervisor)|host_status/);
    }
  });

  it.each(MICROVERSIONS)(
    'of another project’s servers are told to nobody, nor that there are any, at %s',
    async (microversion) => {
      for (const { path, answer } of await answersTo('manager', microversion, OTHER_PROJECT)) {
        if (path.startsWith('/servers/detail')) expect(answer.json()).toEqual({ servers: [] });
        else if (path.startsWith('/os-migrations')) expect([200, 400, 403]).toContain(answer.statusCode);
        else expect(answer.statusCode).toBe(404);
        expect(answer.body).not.toContain('source"');
      }
    },
  );
});
