import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StaticIdentityWorld } from '../../support/static-identity-world.ts';

let world: StaticIdentityWorld;
let token: string;
beforeAll(async () => {
  world = await StaticIdentityWorld.open();
  token = await world.token('demo', 'demo');
});
afterAll(() => world.api.close());

const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('', 'demo', 'default', '__proto__'));
const some = <Value>(value: fc.Arbitrary<Value>) => fc.oneof(value, fc.jsonValue());
const named = fc.record(
  { id: some(text), name: some(text), domain: some(fc.record({ id: text, name: text }, { requiredKeys: [] })) },
  { requiredKeys: [] },
);
// No passwords for users there may be: each of those would cost a tenth of a second.
const login = fc.record(
  {
    methods: some(fc.array(fc.constantFrom('token', 'totp', 'password', ''))),
    token: some(fc.record({ id: text })),
    password: some(fc.record({ user: named })),
  },
  { requiredKeys: [] },
);
const auth = fc.record(
  { identity: some(login), scope: some(fc.record({ project: named }, { requiredKeys: [] })) },
  {
    requiredKeys: [],
  },
);
const path = fc.oneof(
  fc.constantFrom('/v3', '/v3/', '/v3/auth/tokens', '/v3/users', '/v3/projects/x', '/image', '/image/v2/images'),
  text.map((part) => `/v3/${encodeURIComponent(part)}`),
  text.map((part) => `/image/v2/images/${encodeURIComponent(part)}/file`),
  fc
    .tuple(fc.constantFrom('limit', 'sort', 'marker', 'created_at', 'name', 'constructor', '__proto__'), text)
    .map(([key, value]) => `/image/v2/images?${key}=${encodeURIComponent(value)}`),
);

describe('whatever is asked of the identity service and of the image service', () => {
  it('gives no token for a body that holds no password and no token', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          auth.map((value) => ({ auth: value })),
          fc.jsonValue(),
        ),
        async (body) => {
          const answer = await world.api.call('POST', '/v3/auth/tokens', { roles: null, body: JSON.stringify(body) });
          expect([400, 401]).toContain(answer.statusCode);
          expect(answer.headers['x-subject-token']).toBeUndefined();
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is answered without a 500, and shows nothing to who has no token', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST', 'PUT', 'DELETE' as const),
        path,
        fc.constantFrom(null, 'forged', 'own'),
        async (method, url, given) => {
          const headers = given === null ? {} : { 'x-auth-token': given === 'own' ? token : given };
          const answer = await world.api.call(method, url, { roles: null, headers });
          expect(answer.statusCode).toBeLessThan(500);
          const isOpen = ['/v3', '/v3/', '/image'].includes(url) && method === 'GET';
          if (given !== 'own' && !isOpen) expect([300, 400, 401]).toContain(answer.statusCode);
        },
      ),
      { numRuns: 500 },
    );
    expect(world.api.reported).toEqual([]);
  });
});
