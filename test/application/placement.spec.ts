import { describe, expect, it } from 'vitest';
import { NO_OPTIONS } from '../../domain/instance/instance-details.ts';
import type { ServerGroupPolicy } from '../../domain/server-group/server-group.ts';
import { IMAGES, LIVE_MIGRATE, SagaWorld } from '../support/saga-world.ts';
import { valueOf } from './rescued-server.fixture.ts';

async function worldWithGroup(policy: ServerGroupPolicy) {
  const world = new SagaWorld();
  const process = await world.startProcess();
  await world.registerHosts(process);
  const { computeApi, views } = process;
  const group = { name: 'g', policy, maxServerPerHost: null };
  const id = valueOf(await computeApi.serverGroups.create(world.request(), group));
  const create = async (count: number) => {
    const options = { ...NO_OPTIONS, serverGroupId: id };
    const wanted = {
      name: 's',
      imageId: IMAGES.stock,
      flavorId: '1',
      requestedHost: null,
      metadata: {},
      count,
      options,
    };
    const created = valueOf(await computeApi.createServer(world.request(), wanted));
    await world.settled();
    return created.instanceId;
  };
  const hosts = () => views.servers.membersOf(id).map(({ host }) => host);
  return { world, process, create, hosts };
}

describe('servers of one group, created at the same moment,', () => {
  it('are on different hosts, and one too many is told why no host takes it', async () => {
    const { process, create, hosts } = await worldWithGroup('anti-affinity');
    await create(2);
    expect(new Set(hosts())).toEqual(new Set(['compute-a', 'compute-b']));
    const one = process.views.servers.find(await create(1));
    expect(one).toMatchObject({ vmState: 'error', host: null });
    const said = 'another member of its server group is there (anti-affinity)';
    expect(one?.fault?.reason.split('\n')).toEqual([
      'No valid host was found. There are not enough hosts available.',
      `compute-a: ${said}`,
      `compute-b: ${said}`,
    ]);
  });

  it('are on the same host, and stay together when one is to be migrated', async () => {
    const { world, process, create, hosts } = await worldWithGroup('affinity');
    const first = await create(3);
    expect(new Set(hosts()).size).toBe(1);
    valueOf(await process.computeApi.liveMigrate(world.request(), first, LIVE_MIGRATE));
    await world.settled();
    const [action] = process.views.instanceActions
      .ofInstance(first)
      .filter(({ action: name }) => name === 'live-migration');
    const conductor = action?.events.find(({ event }) => event === 'conductor_live_migrate_instance');
    expect(conductor?.details?.split('\n')).toEqual([
      'No valid host was found. There are not enough hosts available.',
      expect.stringMatching(/^compute-[ab]: the other members of its server group are on another host/),
    ]);
    expect(process.views.migrations.ofInstance(first)[0]?.reason).toBe(
      'No valid host was found. There are not enough hosts available.',
    );
  });
});

describe('a host that is refused before it is asked', () => {
  it('is named with its reason to whoever reads the action of a live migration', async () => {
    const { world, process, create } = await worldWithGroup('soft-affinity');
    const id = await create(1);
    const [other] = world.cloud.hosts().filter((host) => host !== process.views.servers.find(id)?.host);
    if (other === undefined) throw new Error('there is no other host');
    const disable = { type: 'DisableComputeService', disabledReason: null } as const;
    valueOf(await process.computeApi.changeComputeService(world.request(), other, disable));
    valueOf(await process.computeApi.liveMigrate(world.request(), id, LIVE_MIGRATE));
    await world.settled();
    const events = process.views.instanceActions.ofInstance(id).at(-1)?.events ?? [];
    expect(events.map(({ details }) => details?.split('\n')[1])).toEqual([`${other}: its compute service is disabled`]);
  });
});
