import { describe, expect, it } from 'vitest';
import { readConfiguration } from '../../../adapters/main/configuration.ts';
import { hostDevices } from '../../../adapters/main/host-devices.ts';
import { placeOn, plugInterfaces } from '../../../adapters/libvirt/guest-place.ts';
import { GUEST } from './guest-definition.fixture.ts';
import { optionsFor } from './libvirt-host-options.fixture.ts';

const BLUE = 'a0cf03a5-d921-4877-bb5c-86d26cf818e1';
const GREEN = '0f8fad5b-d9cb-469f-a165-70867728950e';
const CONFIGURED = {
  guests: { graphics: 'spice', configDriveFormat: 'vfat', cpu: { custom: 'Nehalem' } },
  networks: [
    { id: BLUE.toUpperCase(), name: 'blue', on: { bridge: 'br-blue' }, onHosts: { b: { libvirtNetwork: 'blue' } } },
    { id: GREEN, name: 'green', on: { libvirtNetwork: 'green' } },
  ],
  hosts: [{ name: 'a' }, { name: 'b', guestListenAddress: '192.0.2.2', uefi: { loader: '/opt/code.fd' } }],
};

function devicesOn(host: 'a' | 'b', change: object = {}) {
  const read = readConfiguration(null, {}, { ...CONFIGURED, ...change });
  if (!read.valid) throw new Error(read.problems.join('\n'));
  const { hosts } = read.configuration;
  const found = hosts.find(({ name }) => name === host);
  if (found === undefined) throw new Error(host);
  return hostDevices(read.configuration, found);
}

function problems(change: object): readonly string[] {
  const read = readConfiguration(null, {}, { ...CONFIGURED, ...change });
  return read.valid ? [] : read.problems;
}

describe('what guests are given on a host', () => {
  it('is what is said of every host, and of this one', () => {
    expect(devicesOn('a')).toEqual({
      graphics: 'spice',
      cpu: { mode: 'custom', model: 'Nehalem' },
      listenAddress: '127.0.0.1',
      uefi: { loader: '/usr/share/OVMF/OVMF_CODE_4M.fd', nvramTemplate: '/usr/share/OVMF/OVMF_VARS_4M.fd' },
      configDriveFormat: 'vfat',
      networks: new Map([
        [BLUE, { kind: 'bridge', name: 'br-blue' }],
        [GREEN, { kind: 'network', name: 'green' }],
      ]),
    });
    const there = devicesOn('b');
    expect(there.networks.get(BLUE)).toEqual({ kind: 'network', name: 'blue' });
    expect(there).toMatchObject({ listenAddress: '192.0.2.2', uefi: { loader: '/opt/code.fd' } });
    expect(devicesOn('a', { guests: { cpu: 'host-model' } })).toMatchObject({
      graphics: null,
      cpu: { mode: 'hostModel' },
    });
  });

  it.each([
    [{ networks: [{ id: BLUE, name: 'x', on: { bridge: 'longer-than-fifteen' } }] }, 'networks.0.on'],
    [{ networks: [{ id: 'blue', name: 'x', on: { bridge: 'br0' } }] }, 'networks.0.id'],
    [{ networks: [...CONFIGURED.networks, { id: BLUE, name: 'x', on: { bridge: 'br0' } }] }, `found ${BLUE} twice`],
    [{ hosts: [{ name: 'a' }] }, 'networks.0.onHosts: found b; expected names of hosts only'],
    [{ hosts: [{ name: 'a' }, { name: 'b' }, { name: 'a' }] }, 'hosts: found a twice; expected each host once'],
    [{ guests: { cpu: { custom: 'a"/>' } } }, 'guests.cpu'],
  ])('is refused where it cannot be meant: %j', (change, problem) => {
    expect(problems(change).join('\n')).toContain(problem);
  });
});

describe('a server’s place on a host', () => {
  const options = { ...optionsFor({ kind: 'unix', path: '/nowhere' }), devices: devicesOn('a') };
  const interfaceOn = (networkId: string) => ({ portId: 'p', networkId, macAddress: 'FA:00:00:00:00:01' });

  it('tells what each of its interfaces is plugged into, by MAC address', () => {
    const place = placeOn(options, { ...GUEST, networkInterfaces: [interfaceOn(GREEN)] });
    expect(place).toMatchObject({
      outcome: 'succeeded',
      value: { interfaces: new Map([['fa:00:00:00:00:01', { kind: 'network', name: 'green' }]]) },
    });
  });

  it('is none where a network is missing', () => {
    expect(plugInterfaces(options, { ...GUEST, networkInterfaces: [interfaceOn('red')] })).toEqual({
      outcome: 'failed',
      reason: 'compute-a has no network red, which FA:00:00:00:00:01 is on',
    });
  });
});
