import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeystoneIdentity, QUESTIONS_MAX } from '../../../adapters/identity/keystone-identity.ts';
import { REFUSED_PAUSE_MS } from '../../../adapters/identity/service-token.ts';
import { SimulatedClock } from '../../../adapters/simulated/simulated-clock.ts';
import { KeystoneProtocolServer } from '../../support/keystone-protocol-server.ts';

const PROJECT = '7a5e36f1cbc74e50b2c0ab45fb590101';
const CACHE_SECONDS = 300;
const EXPIRES_AT = '2026-01-01T01:00:00.000000Z';

let keystone: KeystoneProtocolServer;
let clock: SimulatedClock;
let identity: KeystoneIdentity;
beforeEach(async () => {
  keystone = await KeystoneProtocolServer.start();
  clock = new SimulatedClock();
  identity = identityWith(keystone.password);
  keystone.tokens.set('valid', { user: 'demo', project: PROJECT, roles: ['Member'], expiresAt: EXPIRES_AT });
});
afterEach(() => keystone.stop());

function identityWith(password: string, cacheSeconds = CACHE_SECONDS, deadlineMs = 5000): KeystoneIdentity {
  return new KeystoneIdentity({
    authUrl: keystone.authUrl,
    publicUrl: 'https://cloud.example.org:5000/v3',
    username: 'nova',
    password: async () => password,
    projectName: 'service',
    userDomainName: 'Default',
    projectDomainName: 'Default',
    cacheSeconds,
    deadlineMs,
    clock,
  });
}

const ask = (token: string) => identity.authenticate({ 'x-auth-token': token });

describe('a token of Keystone', () => {
  it('says who has it, in lower-case roles', async () => {
    expect(await ask('valid')).toEqual({
      answer: 'authenticated',
      caller: { userId: 'demo', projectId: PROJECT, roles: ['member'], isAdmin: false },
    });
  });

  it('makes an administrator of who has that role in a project, and of nobody else', async () => {
    keystone.tokens.set('admin', { user: 'a', project: PROJECT, roles: ['ADMIN'], expiresAt: EXPIRES_AT });
    keystone.tokens.set('system', { user: 'a', project: null, roles: ['admin'], expiresAt: EXPIRES_AT });
    expect(await ask('admin')).toMatchObject({ caller: { isAdmin: true } });
    expect(await ask('system')).toMatchObject({ caller: { isAdmin: false, roles: [] } });
  });

  it('is asked about once while it is believed, and anew afterwards', async () => {
    await ask('valid');
    await clock.advance(CACHE_SECONDS * 1000 - 1);
    expect((await ask('valid')).answer).toBe('authenticated');
    expect(keystone.questions).toEqual(['valid']);
    keystone.tokens.delete('valid');
    await clock.advance(1);
    expect((await ask('valid')).answer).toBe('unauthenticated');
  });

  it('is never believed beyond its own end, however fresh the answer', async () => {
    const expiresAt = '2026-01-01T00:01:00.000000Z';
    keystone.tokens.set('short', { user: 'demo', project: PROJECT, roles: ['member'], expiresAt });
    expect((await ask('short')).answer).toBe('authenticated');
    await clock.advance(60_000);
    expect((await ask('short')).answer).toBe('unauthenticated');
  });

  it('is asked about every time where nothing is to be believed', async () => {
    identity = identityWith(keystone.password, 0);
    await ask('valid');
    keystone.tokens.delete('valid');
    expect((await ask('valid')).answer).toBe('unauthenticated');
    keystone.tokens.set('valid', { user: 'demo', project: PROJECT, roles: [], expiresAt: EXPIRES_AT });
    expect((await ask('valid')).answer).toBe('authenticated');
  });

  it('is asked about once, however many come with it at one time', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask('valid')));
    expect(new Set(answers.map(({ answer }) => answer))).toEqual(new Set(['authenticated']));
    expect(keystone.questions).toHaveLength(1);
    expect(keystone.logins).toBe(1);
  });
});

describe('no such token', () => {
  it('is a 401 that names Keystone, and is remembered for a little while', async () => {
    const refused = { answer: 'unauthenticated', challenge: 'Keystone uri="https://cloud.example.org:5000/v3"' };
    expect(await ask('forged')).toEqual(refused);
    expect(await ask('forged')).toEqual(refused);
    expect(keystone.questions).toEqual(['forged']);
    expect(await identity.authenticate({})).toEqual(refused);
  });

  it.each([
    ['an empty one', ''],
    ['one with a line break', 'a\r\nx-evil: 1'],
    ['one without end', 'x'.repeat(9000)],
  ])('is not even asked about: %s', async (_what, token) => {
    expect((await ask(token)).answer).toBe('unauthenticated');
    expect(keystone.questions).toEqual([]);
  });
});

describe('a Keystone in trouble', () => {
  it.each([
    ['an error', { fault: 'status', status: 500, body: '' }],
    ['a page of a proxy', { fault: 'status', status: 404, body: '<html>' }],
    ['a redirect', { fault: 'status', status: 302, body: '' }],
    ['no such description', { fault: 'status', status: 200, body: '{"token": {}}' }],
    ['no JSON', { fault: 'status', status: 200, body: 'x' }],
    ['too much', { fault: 'status', status: 200, body: JSON.stringify({ token: 'x'.repeat(2_000_000) }) }],
  ] as const)('that answers with %s throws nobody out', async (what, fault) => {
    // One that could not be read is asked for again, as after a closed connection.
    keystone.script(...(what === 'too much' ? [fault, fault] : [fault]));
    const answer = await ask('valid');
    expect(answer.answer).toBe('unavailable');
    expect(JSON.stringify(answer)).not.toMatch(/valid|secret|service-token/);
    expect((await ask('valid')).answer).toBe('authenticated');
  });

  it('that is silent is not waited for without end', async () => {
    identity = identityWith(keystone.password, CACHE_SECONDS, 200);
    await ask('forged');
    keystone.script({ fault: 'silent' }, { fault: 'silent' });
    expect((await ask('valid')).answer).toBe('unavailable');
  });

  it('that closes a connection is asked again, once', async () => {
    keystone.script({ fault: 'reset' });
    expect((await ask('valid')).answer).toBe('authenticated');
    expect(keystone.questions).toHaveLength(2);
  });

  it('that is not there at all is unavailable', async () => {
    identity = new KeystoneIdentity({
      authUrl: 'http://127.0.0.1:1/v3',
      publicUrl: 'http://127.0.0.1:1/v3',
      username: 'nova',
      password: async () => 'x',
      projectName: 'service',
      userDomainName: 'Default',
      projectDomainName: 'Default',
      cacheSeconds: 1,
      clock,
    });
    expect(await ask('valid')).toMatchObject({ answer: 'unavailable' });
  });

  it('is not asked more at one time than it can answer', async () => {
    await ask('valid');
    const release = keystone.hold();
    const asked = Array.from({ length: QUESTIONS_MAX }, (_, index) => ask(`token ${index}`.replace(' ', '-')));
    expect((await ask('one-more')).answer).toBe('unavailable');
    expect((await ask('valid')).answer).toBe('authenticated');
    release();
    await Promise.all(asked);
    expect((await ask('one-more')).answer).toBe('unauthenticated');
  });
});

describe('the service user', () => {
  it('gets a new token before the old one ends, and when Keystone takes it no longer', async () => {
    keystone.serviceTokenExpiresAt = '2026-01-01T00:10:00.000000Z';
    await ask('a');
    await clock.advance(9 * 60_000 - 1);
    await ask('b');
    expect(keystone.logins).toBe(1);
    await clock.advance(1);
    await ask('c');
    expect(keystone.logins).toBe(2);
    keystone.revokeServiceToken();
    expect((await ask('valid')).answer).toBe('authenticated');
    expect(keystone.logins).toBe(3);
  });

  it('with a wrong password is a 503 for clients, and does not try without a pause', async () => {
    identity = identityWith('wrong');
    const answer = await ask('valid');
    expect(answer.answer).toBe('unavailable');
    expect(JSON.stringify(answer)).not.toContain('wrong');
    await ask('valid');
    expect(keystone.logins).toBe(1);
    await clock.advance(REFUSED_PAUSE_MS);
    await ask('valid');
    expect(keystone.logins).toBe(2);
    expect(keystone.questions).toEqual([]);
  });
});
