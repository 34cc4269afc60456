import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ComputeApiWorld, FLAVOR } from '../../support/compute-api-world.ts';
import { IMAGE } from '../../support/server-stages.ts';
import { SAMPLE_BODIES } from './sample-bodies.ts';

const NOBODY = '00000000-0000-0000-0000-000000000000';
const REFUSED = 400;
const ADDITIONAL = 'Additional properties are not allowed';
/** Their names are decided by a pattern: none of them is unknown. */
const NAMED_BY_PATTERN: ReadonlySet<string> = new Set(['metadata', 'extra_specs', 'meta']);
const object = z.record(z.string(), z.unknown());

let world: ComputeApiWorld;
beforeEach(() => {
  world = new ComputeApiWorld();
});
afterEach(() => world.close());

/** The body with an unknown property in each object directly below its top. */
const withUnknown = (body: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(body).map(([name, value]) => {
      const inner = object.safeParse(value);
      return [name, inner.success && !NAMED_BY_PATTERN.has(name) ? { ...inner.data, unheard_of: 1 } : value];
    }),
  );

describe('below /v2', () => {
  it('a property that no schema knows is dropped, where /v2.1 refuses it', async () => {
    const known = { name: 'web', imageRef: IMAGE, flavorRef: FLAVOR.id };
    const body = { server: { ...known, unheard_of: { a: 1 } }, other: true };
    const refused = await world.call('POST', '/v2.1/servers', { body });
    expect([refused.statusCode, refused.json().badRequest.message]).toEqual([400, expect.stringContaining(ADDITIONAL)]);
    const created = await world.call('POST', '/v2/servers', { body });
    expect(created.statusCode).toBe(202);
    const [event] = await world.eventStore.readAll(0, 1);
    expect(event?.data).toMatchObject({ type: 'InstanceCreateRequested', name: 'web' });
  });

  it('what is wrong for another reason is refused as ever, and so is a name that a pattern decides about', async () => {
    const refused = await world.call('POST', '/v2/servers', { body: { server: { unheard_of: 1 } } });
    expect(refused.json().badRequest.message).toContain('is a required property');
    const url = `/v2/servers/${NOBODY}/metadata`;
    expect((await world.call('POST', url, { body: { metadata: { 'a/b': '1' } } })).statusCode).toBe(400);
    const two = { pause: null, unheard_of: 1 };
    const action = await world.call('POST', `/v2/servers/${NOBODY}/action`, { body: two });
    expect(action.json().badRequest.message).toBe('Malformed request body');
  });

  it.each(Object.entries(SAMPLE_BODIES))('%s is answered as without the unknown property', async (key, sample) => {
    const [method, path] = key.includes(' ') ? key.split(' ') : ['POST', '/servers/{id}/action'];
    const url = `/v2${(path ?? '').replaceAll(/\{\w+\}/g, NOBODY)}`;
    const body = object.parse(sample);
    // Each of a world of its own: what is created once cannot be created again.
    const [plain, more] = await Promise.all(
      [body, withUnknown(body)].map(async (sent) => {
        const own = new ComputeApiWorld();
        const { statusCode, body: said } = await own.call(method === 'PUT' ? 'PUT' : 'POST', url, { body: sent });
        await own.close();
        return { statusCode, said: statusCode < REFUSED ? '' : said };
      }),
    );
    expect(more).toEqual(plain);
    expect(more?.said).not.toContain(ADDITIONAL);
  });
});
