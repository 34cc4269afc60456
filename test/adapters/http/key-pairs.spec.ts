import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { READ_EVENTS_MAX } from '../../../application/ports/event-store.ts';
import { ComputeApiWorld } from '../../support/compute-api-world.ts';

let world: ComputeApiWorld;
beforeAll(() => {
  world = new ComputeApiWorld();
});
afterAll(() => world.close());

const PATH = '/v2.1/os-keypairs';
const ED25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHl1ZZ7QWmV0R2Q3u3eYtVbqXv0tJ0m3j3yK2m0rYQ2h me@laptop';
const create = (keypair: object, microversion = '2.2', roles = 'member') =>
  world.call('POST', PATH, { body: { keypair }, microversion, roles });

/** The private key as the client would load it, and the public one as the server would. */
function halvesOf(pair: {
  readonly private_key: string;
  readonly public_key: string;
}): readonly [KeyObject, KeyObject] {
  const blob = Buffer.from(pair.public_key.split(' ')[1] ?? '', 'base64');
  const fields: Buffer[] = [];
  for (let at = 0; at < blob.length;) {
    const length = blob.readUInt32BE(at);
    fields.push(blob.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  const number = (bytes: Buffer | undefined) => (bytes?.[0] === 0 ? bytes.subarray(1) : bytes)?.toString('base64url');
  const jwk = { kty: 'RSA', e: number(fields[1]) ?? '', n: number(fields[2]) ?? '' };
  return [createPrivateKey(pair.private_key), createPublicKey({ key: jwk, format: 'jwk' })];
}

describe('a generated key pair', () => {
  it('is told once, whole, and its private half is in no event and in no later answer', async () => {
    const response = await create({ name: 'made' });
    const pair = response.json().keypair;
    expect([response.statusCode, pair.type, pair.user_id]).toEqual([201, 'ssh', 'user-member']);
    const [privateKey, publicKey] = halvesOf(pair);
    const signature = sign('sha256', Buffer.from('x'), privateKey);
    expect(verify('sha256', Buffer.from('x'), publicKey, signature)).toBe(true);
    const secret = pair.private_key.split('\n')[3];
    const written = JSON.stringify(await world.eventStore.readAll(0, READ_EVENTS_MAX));
    expect(written).toContain(pair.fingerprint);
    expect(written).not.toContain(secret);
    const shown = await world.call('GET', `${PATH}/made`, { microversion: '2.2', roles: 'member' });
    expect(shown.json().keypair).toMatchObject({ name: 'made', fingerprint: pair.fingerprint, deleted: false, id: 1 });
    expect(shown.body).not.toContain('private_key');
  });

  it('is not to be had from 2.92 on, and not as a certificate', async () => {
    expect((await create({ name: 'later' }, '2.92')).json().badRequest.message).toContain(
      "'public_key' is a required property",
    );
    expect((await create({ name: 'x', type: 'x509' })).statusCode).toBe(400);
  });
});

describe('an imported key pair', () => {
  it('has the fingerprint that ssh-keygen shows', async () => {
    const response = await create({ name: 'mine', public_key: ED25519 });
    expect(response.json().keypair).toEqual({
      name: 'mine',
      public_key: ED25519,
      fingerprint: 'eb:73:8a:4c:75:6f:1d:b7:c7:21:97:46:38:91:1d:d4',
      type: 'ssh',
      user_id: 'user-member',
    });
  });

  it.each(['', 'ssh-rsa', 'ssh-rsa ????', 'ssh-rsa AAAA', ED25519.replace('ssh-ed25519', 'ssh-rsa')])(
    'is refused when it is no key: %j',
    async (publicKey) => {
      const response = await create({ name: 'wrong', public_key: publicKey });
      expect(response.json().badRequest.message).toBe('Keypair data is invalid: failed to generate fingerprint');
    },
  );

  it.each([
    ['2.91', 'a.b', 400],
    ['2.92', 'a.b@c', 201],
    ['2.92', 'a/b', 400],
    ['2.1', '  ', 400],
  ])('at %s may be called %j: %s', async (microversion, name, status) => {
    expect((await create({ name, public_key: ED25519 }, microversion)).statusCode).toBe(status);
  });

  it('answers 200 and 202 at 2.1, and 201 and 204 from 2.2 on', async () => {
    const old = await create({ name: 'old', public_key: ED25519 }, '2.1');
    expect([old.statusCode, 'type' in old.json().keypair]).toEqual([200, false]);
    const remove = (microversion: string) => world.call('DELETE', `${PATH}/old`, { microversion, roles: 'member' });
    expect((await remove('2.1')).statusCode).toBe(202);
    expect((await remove('2.2')).json().itemNotFound.message).toBe('Keypair old not found for user user-member');
    expect((await create({ name: 'old', public_key: ED25519 })).statusCode).toBe(201);
    expect((await remove('2.2')).statusCode).toBe(204);
  });

  it('is refused by a name that is taken', async () => {
    await create({ name: 'taken', public_key: ED25519 });
    const again = await create({ name: 'taken', public_key: ED25519 });
    expect([again.statusCode, again.json().conflictingRequest.message]).toEqual([
      409,
      "Key pair 'taken' already exists.",
    ]);
  });
});

describe('key pairs', () => {
  it('are each user’s own; administrators look at others’ from 2.10 on', async () => {
    await create({ name: 'private', public_key: ED25519 });
    const get = (path: string, microversion: string, roles: string) => world.call('GET', path, { microversion, roles });
    expect((await get(`${PATH}/private`, '2.9', 'admin')).statusCode).toBe(404);
    expect((await get(`${PATH}/private?user_id=user-member`, '2.9', 'admin')).statusCode).toBe(404);
    expect((await get(`${PATH}/private?user_id=user-member`, '2.10', 'admin')).statusCode).toBe(200);
    const stranger = await get(`${PATH}?user_id=user-member`, '2.10', 'reader');
    expect(stranger.json().forbidden.message).toBe(
      "Policy doesn't allow os_compute_api:os-keypairs:index to be performed.",
    );
  });

  it('are paged by name from 2.35 on', async () => {
    const list = async (query: string, microversion: string) =>
      (await world.call('GET', `${PATH}${query}`, { microversion, roles: 'member' })).json();
    const all: string[] = (await list('', '2.35')).keypairs.map(
      (row: { keypair: { name: string } }) => row.keypair.name,
    );
    expect(all).toEqual(all.toSorted((one, other) => (one < other ? -1 : 1)));
    const page = await list('?limit=1', '2.35');
    expect([page.keypairs.length, page.keypairs_links[0].href]).toEqual([
      1,
      expect.stringContaining(`marker=${encodeURIComponent(all[0] ?? '')}`),
    ]);
    expect((await list(`?limit=1&marker=${encodeURIComponent(all[0] ?? '')}`, '2.35')).keypairs[0].keypair.name).toBe(
      all[1],
    );
    expect((await list('?limit=1', '2.34')).keypairs).toHaveLength(all.length);
  });

  it('are at most 100', async () => {
    for (let made = 0; made < 100; made += 1) {
      await create({ name: `k${made}`, public_key: ED25519 }, '2.2', 'reader');
    }
    const one = await create({ name: 'one-more', public_key: ED25519 }, '2.2', 'reader');
    expect(one.json().forbidden.message).toBe('Quota exceeded, too many key pairs.');
  });
});
