import { afterEach, describe, expect, it } from 'vitest';
import { macAddressOf } from '../../../domain/instance/network-interface.ts';
import { ComputeApiWorld } from '../../support/compute-api-world.ts';
import { IMAGE } from '../../support/server-stages.ts';

const BLUE = { id: '6b9a1f1c-4ac8-4d6b-9d52-1b4a2b6c7d80', name: 'blue' };
const GREEN = { id: '0f8fad5b-d9cb-469f-a165-70867728950e', name: 'green' };
const UNKNOWN = '7c9e6679-7425-40de-944b-e07fc1f90ae7';

const AS = { microversion: '2.105', roles: 'admin' };

let world: ComputeApiWorld;
afterEach(() => world.close());

async function create(networks: unknown, known: readonly { readonly id: string; readonly name: string }[]) {
  world = new ComputeApiWorld({ linkPrefix: null, networks: known });
  const body = { server: { name: 'plugged', imageRef: IMAGE, flavorRef: '1', networks } };
  return world.call('POST', '/v2.1/servers', { ...AS, body });
}

async function interfacesOf(id: string): Promise<readonly Record<string, unknown>[]> {
  return (await world.call('GET', `/v2.1/servers/${id}/os-interface`, AS)).json().interfaceAttachments;
}

describe('the interfaces of a server', () => {
  it.each([
    ['auto', [GREEN], [GREEN.id]],
    [
      [{ uuid: GREEN.id.toUpperCase() }, { uuid: BLUE.id }],
      [BLUE, GREEN],
      [GREEN.id, BLUE.id],
    ],
    ['none', [BLUE], []],
  ])('are those that its owner asked for: %j', async (networks, known, expected) => {
    const { id } = (await create(networks, known)).json().server;
    const found = await interfacesOf(id);
    expect(found.map(({ net_id: network }) => network)).toEqual(expected);
    for (const { port_id: port, mac_addr: mac } of found) expect(mac).toBe(macAddressOf(String(port)));
  });

  it('are told one by one too, with an address of their own', async () => {
    const { id } = (await create([{ uuid: BLUE.id }, { uuid: BLUE.id }], [BLUE])).json().server;
    const [first, second] = await interfacesOf(id);
    expect(first?.['mac_addr']).toMatch(/^fa(:[0-9a-f]{2}){5}$/);
    expect(first?.['mac_addr']).not.toBe(second?.['mac_addr']);
    const port = String(first?.['port_id']);
    const shown = await world.call('GET', `/v2.1/servers/${id}/os-interface/${port}`, AS);
    expect(shown.json()).toEqual({
      interfaceAttachment: {
        net_id: BLUE.id,
        port_id: port,
        mac_addr: first?.['mac_addr'],
        port_state: 'ACTIVE',
        fixed_ips: [],
        tag: null,
      },
    });
    const missing = await world.call('GET', `/v2.1/servers/${id}/os-interface/${UNKNOWN}`, AS);
    expect(missing.json().itemNotFound.message).toBe(`Port id ${UNKNOWN} could not be found.`);
  });

  it.each([
    [[{ uuid: UNKNOWN }], 'badRequest', `Network ${UNKNOWN} could not be found.`],
    [[{ port: UNKNOWN }], 'badRequest', `Each of 'networks' can only be the 'uuid' of a network in this release.`],
    [[{ uuid: BLUE.id, fixed_ip: '192.0.2.7' }], 'badRequest', `Each of 'networks' can only be the 'uuid'`],
    [Array.from({ length: 9 }, () => ({ uuid: BLUE.id })), 'badRequest', 'A server can have at most 8 interfaces.'],
    ['auto', 'conflictingRequest', 'Multiple possible networks found, use a Network ID to be more specific.'],
  ])('are refused rather than left out: %j', async (networks, fault, message) => {
    const answer = await create(networks, [BLUE, GREEN]);
    expect(answer.json()[fault].message).toContain(message);
    expect(await world.events()).toBe(0);
  });
});
