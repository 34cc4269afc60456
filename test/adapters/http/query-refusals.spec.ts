import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ComputeApiWorld } from '../../support/compute-api-world.ts';

let world: ComputeApiWorld;
beforeAll(async () => {
  world = new ComputeApiWorld();
  await world.computeService('source', 74);
});
afterAll(() => world.close());

const DIRECTION = "Invalid input received: Unknown sort direction, must be 'desc' or 'asc'";
const DIRECTIONS = 'Invalid input received: Sort direction size exceeds sort key size';
const WORD =
  "Invalid input for query parameters with_servers. Value: maybe. 'maybe' is not one of [True, 'True', 'TRUE'";

describe('a query that cannot be answered', () => {
  it.each([
    ['2.1', '/servers?sort_key=uuid&sort_dir=up', DIRECTION],
    ['2.104', '/servers/detail?sort_dir=ASC', DIRECTION],
    ['2.105', '/servers?sort_dir=asc&sort_dir=desc', DIRECTIONS],
    ['2.1', '/flavors?is_public=perhaps', 'Invalid is_public filter [perhaps]'],
    ['2.61', '/flavors/detail?is_public=', 'Invalid is_public filter []'],
    ['2.53', '/os-hypervisors?with_servers=maybe', WORD],
    ['2.90', '/os-hypervisors/detail?with_servers=maybe', WORD],
  ])('is refused at %s: %s', async (microversion, path, message) => {
    const { badRequest } = (await world.call('GET', `/v2.1${path}`, { microversion })).json();
    expect(badRequest.message.slice(0, message.length)).toBe(message);
  });

  it.each([
    ['2.1', 'admin', '/servers?sort_dir=asc'],
    ['2.1', 'admin', '/servers?sort_key=uuid&sort_key=vm_state&sort_dir=desc'],
    ['2.1', 'admin', '/flavors?is_public=None'],
    ['2.1', 'admin', '/flavors?is_public=f'],
    ['2.1', 'member', '/flavors?is_public=perhaps'],
    ['2.52', 'admin', '/os-hypervisors?with_servers=maybe'],
    ['2.53', 'admin', '/os-hypervisors?with_servers=no'],
  ])('is answered at %s by %s: %s', async (microversion, roles, path) => {
    expect((await world.call('GET', `/v2.1${path}`, { microversion, roles })).statusCode).toBe(200);
  });

  it('is refused for a service whose number is none', async () => {
    const removed = await world.call('DELETE', '/v2.1/os-services/abc', { microversion: '2.52' });
    expect(removed.json().badRequest.message).toBe('Invalid input received: id must be an integer');
    expect((await world.call('DELETE', '/v2.1/os-services/99', { microversion: '2.52' })).statusCode).toBe(404);
  });
});
