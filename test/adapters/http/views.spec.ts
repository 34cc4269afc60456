import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyPairStream, flavorStream } from '../../../application/catalogue-aggregates.ts';
import type { DomainEvent, StreamName } from '../../../application/ports/event-store.ts';
import { instant, userId } from '../../../domain/shared/ids.ts';
import { ComputeApiWorld } from '../../support/compute-api-world.ts';

const AT = instant('2026-11-23T20:00:00.000Z');
const METADATA = { correlationId: 'req', causationId: 'req', actor: 'a bug' };
const KEY_PAIR = { keypair: { name: 'k', public_key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHux k' } };

let world: ComputeApiWorld;
beforeEach(() => void (world = new ComputeApiWorld()));
afterEach(() => world.close());

/** As only a bug could write it: the flavor is not there. */
const poison = (): Promise<string> => record(flavorStream('9'), { type: 'FlavorDeleted', at: AT });

async function record(stream: StreamName, data: DomainEvent): Promise<string> {
  const id = randomUUID();
  const answer = await world.eventStore.append(stream, 'none', [{ id, data, metadata: METADATA }]);
  if (answer.answer !== 'appended') throw new Error(answer.answer);
  await world.views.reached(answer.position);
  return id;
}

const operate = (view: string, body: unknown, roles = 'admin') =>
  world.call('POST', `/lifeboat/views/${view}/action`, { body, roles });
const stateOf = async (name: string) => {
  const { views } = (await world.call('GET', '/lifeboat/views')).json();
  return views.find((view: { name: string }) => view.name === name);
};

describe('a view that stands still', () => {
  it('is answered 503 with Retry-After, in its own resources only, and nothing is changed there', async () => {
    const id = await world.serverIn('active');
    await poison();
    const before = await world.events();
    const flavor = { name: 'new', ram: 64, vcpus: 1, disk: 1 };
    for (const [method, path, body] of [
      ['GET', '/v2.1/flavors', undefined],
      ['POST', '/v2.1/flavors', { flavor }],
    ] as const) {
      const response = await world.call(method, path, { body });
      expect([path, response.statusCode, response.headers['retry-after']]).toEqual([path, 503, '5']);
      expect(response.json().serviceUnavailable.message).toBe(
        'The view flavors cannot tell the present state at this time.',
      );
    }
    expect(await world.events()).toBe(before);
    expect((await world.call('GET', `/v2.1/servers/${id}/os-instance-actions`)).statusCode).toBe(200);
    expect((await world.call('POST', '/v2.1/os-keypairs', { body: KEY_PAIR })).statusCode).not.toBe(503);
    expect(world.reported).toEqual([]);
  });

  it('is told by its name, with the event and the reason, to administrators; its name to everybody', async () => {
    const eventId = await poison();
    await record(keyPairStream(userId('u'), 'k'), { type: 'KeyPairDeleted', at: AT });
    expect(await stateOf('flavors')).toMatchObject({
      state: 'stopped',
      eventsBehind: 2,
      stop: { eventId, eventType: 'FlavorDeleted', stream: 'flavor-9' },
    });
    expect(await stateOf('keyPairs')).toMatchObject({
      state: 'following',
      eventsBehind: 0,
      secondsBehind: 0,
      stop: null,
    });
    const health = await world.call('GET', '/healthz', { roles: null });
    expect([health.statusCode, health.json()]).toEqual([200, { status: 'degraded', viewsNotFollowing: ['flavors'] }]);
  });

  it('goes on behind the event that an administrator skips, and the log says who', async () => {
    const eventId = await poison();
    expect((await operate('flavors', { skip: { eventId: randomUUID() } })).statusCode).toBe(409);
    expect((await operate('flavors', { skip: { eventId } })).statusCode).toBe(202);
    await world.views.settled();
    expect((await world.call('GET', '/v2.1/flavors')).statusCode).toBe(200);
    expect(await stateOf('flavors')).toMatchObject({ state: 'following', skippedEvents: [eventId] });
    const [recorded] = await world.eventStore.readStream('view-flavors');
    expect(recorded).toMatchObject({
      data: { type: 'PoisonEventSkipped', eventId },
      metadata: { actor: 'user-admin' },
    });
  });
});

describe('who operates the views', () => {
  it('is an administrator', async () => {
    await poison();
    expect((await world.call('GET', '/lifeboat/views', { roles: 'manager' })).statusCode).toBe(403);
    expect((await world.call('GET', '/lifeboat/views', { roles: null })).statusCode).toBe(401);
    expect((await operate('flavors', { retry: null }, 'manager')).statusCode).toBe(403);
    expect(await world.eventStore.readStream('view-flavors')).toEqual([]);
  });

  it('is told what cannot be done', async () => {
    const answers = [
      await operate('nothing', { rebuild: null }),
      await operate('flavors', { retry: null }),
      await operate('flavors', { skip: { eventId: '' } }),
      await operate('flavors', { rebuild: null, retry: null }),
      await operate('flavors', '['),
    ];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 409, 400, 400, 400]);
    expect(await world.events()).toBe(0);
  });

  it('may have a view made anew that is well', async () => {
    const id = await world.serverIn('active');
    const before = world.views.servers;
    expect((await operate('servers', { rebuild: null })).statusCode).toBe(202);
    await world.views.settled();
    expect(world.views.servers).not.toBe(before);
    expect((await world.call('GET', `/v2.1/servers/${id}`)).json().server.status).toBe('ACTIVE');
  });
});
