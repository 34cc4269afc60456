import { describe, expect, it } from 'vitest';
import { placeDefinition, type DefinitionPlace } from '../../../adapters/libvirt/place-definition.ts';
import { parseXml, serializeXml } from '../../../adapters/libvirt/xml-document.ts';
import { DIRECTORY, goldenDefinition, SERVER } from './golden-definition.ts';

const MAC = 'fa:16:3e:11:22:33';
/** The hosts that the golden definitions were taken from. */
const HOME: DefinitionPlace = {
  instanceId: SERVER,
  instancesPath: '/var/lib/lifeboat/instances',
  listenAddress: '127.0.0.1',
  uefi: { loader: '/usr/share/OVMF/OVMF_CODE_4M.fd', nvramTemplate: '/usr/share/OVMF/OVMF_VARS_4M.fd' },
  interfaces: new Map([[MAC, { kind: 'bridge', name: 'guests' }]]),
};
const ELSEWHERE: DefinitionPlace = {
  ...HOME,
  listenAddress: '0.0.0.0',
  interfaces: new Map([[MAC, { kind: 'network', name: 'tenant' }]]),
};
const FAR: DefinitionPlace = {
  ...ELSEWHERE,
  instancesPath: '/srv/guests',
  uefi: { loader: '/opt/ovmf/code.fd', nvramTemplate: '/opt/ovmf/vars.fd' },
};
const INACTIVE = ['original-inactive', 'pc-inactive', 'q35-uefi-inactive'] as const;
const EVERY = [...INACTIVE, 'rescued-live', 'pc-migratable', 'q35-uefi-migratable'] as const;

function placed(definition: string, place: DefinitionPlace): string {
  const answer = placeDefinition(definition, place);
  if (answer.outcome !== 'succeeded') throw new Error(answer.reason);
  return answer.value;
}

const canonical = (definition: string): string => serializeXml(parseXml(definition));

function withDevice(device: string): string {
  return goldenDefinition('pc-inactive').replace('</devices>', `${device}</devices>`);
}

describe('a definition on another host', () => {
  it('is what libvirt made of it there, after a migration', () => {
    const there = placed(goldenDefinition('q35-uefi-inactive'), ELSEWHERE);
    expect(there).toBe(canonical(goldenDefinition('q35-uefi-inactive-elsewhere')));
  });

  it.each(EVERY)('is letter for letter the same on the host it comes from: %s', (name) => {
    expect(placed(goldenDefinition(name), HOME)).toBe(goldenDefinition(name));
  });

  it.each(INACTIVE)('is the same again after the way there and back: %s', (name) => {
    const definition = goldenDefinition(name);
    expect(placed(placed(definition, FAR), HOME)).toBe(canonical(definition));
  });

  it.each(EVERY)('names every file of the server in the directory of that host, and no other one: %s', (name) => {
    const there = placed(goldenDefinition(name), FAR);
    expect(there).not.toContain(DIRECTORY);
    expect(there.split(`/srv/guests/${SERVER}/`)).toHaveLength(goldenDefinition(name).split(`${DIRECTORY}/`).length);
    expect(there).toContain('<emulator>/usr/bin/qemu-system-x86_64</emulator>');
  });

  it('has that host’s firmware, and the server’s own variables', () => {
    const there = placed(goldenDefinition('q35-uefi-inactive'), FAR);
    expect(there).toContain('<loader readonly="yes" type="pflash">/opt/ovmf/code.fd</loader>');
    expect(there).toContain(`<nvram template="/opt/ovmf/vars.fd">/srv/guests/${SERVER}/nvram.fd</nvram>`);
  });

  it('keeps a loader that starts only what is signed', () => {
    const secure = goldenDefinition('q35-uefi-inactive').replace('<loader ', "<loader secure='yes' ");
    expect(placed(secure, FAR)).toContain('/usr/share/OVMF/OVMF_CODE_4M.fd');
  });

  it('has its screen listen where that host’s screens do, if it listens at an address', () => {
    const there = placed(goldenDefinition('pc-inactive'), ELSEWHERE);
    expect(there).toContain('listen="0.0.0.0"');
    expect(there).toContain('<listen type="address" address="0.0.0.0"/>');
    const unix = `<graphics type="vnc"><listen type="socket" socket="/run/vnc"/></graphics>`;
    expect(placed(withDevice(unix), ELSEWHERE)).toContain(unix);
  });

  it('has its console taken where that host’s are; one that calls out calls the same', () => {
    const console = (mode: string, host: string) =>
      `<serial type="tcp"><source mode="${mode}" host="${host}" service="4555"/><target port="1"/></serial>`;
    expect(placed(withDevice(console('bind', '127.0.0.1')), ELSEWHERE)).toContain(console('bind', '0.0.0.0'));
    expect(placed(withDevice(console('connect', '192.0.2.9')), ELSEWHERE)).toContain(console('connect', '192.0.2.9'));
  });

  it('takes along the images that its disks are layered on, however deep', () => {
    const base = (root: string) =>
      `<backingStore type="file"><format type="qcow2"/><source file="${root}/_base/2f"/><backingStore type="file">` +
      `<format type="raw"/><source file="${root}/_base/9a"/><backingStore/></backingStore></backingStore>`;
    const disk = (root: string) =>
      `<disk type="file" device="disk"><source file="${root}/${SERVER}/disk.local"/>${base(root)}<target dev="vdz"/></disk>`;
    expect(placed(withDevice(disk(HOME.instancesPath)), FAR)).toContain(disk('/srv/guests'));
  });

  it('keeps what only looks like a file of the server to somebody who does not read it', () => {
    const label = `<disk type="block"><source dev="/dev/vg/${SERVER}_disk"/><serial>${DIRECTORY}/disk</serial></disk>`;
    expect(placed(withDevice(label), FAR)).toContain(label);
  });
});

describe('an interface on another host', () => {
  const interfaceOf = (text: string) => /<interface[\s\S]*?<\/interface>/.exec(text)?.[0] ?? '';

  it('keeps everything but what it is plugged into', () => {
    const before = interfaceOf(canonical(goldenDefinition('q35-uefi-migratable')));
    const after = interfaceOf(placed(goldenDefinition('q35-uefi-migratable'), ELSEWHERE));
    expect(before).toContain('<source bridge="guests"/>');
    expect(after).toBe(
      before.replace('type="bridge"', 'type="network"').replace('bridge="guests"', 'network="tenant"'),
    );
  });

  it('loses what libvirt had noted of the host it ran on', () => {
    const source = '<source network="lan" portid="6b1c" bridge="virbr3" portgroup="blue"/>';
    const device = `<interface type="network"><mac address="${MAC.toUpperCase()}"/>${source}</interface>`;
    expect(placed(withDevice(device), HOME)).toContain('<source bridge="guests" portgroup="blue"/></interface>');
  });

  it('stops the migration when it is none of the server’s', () => {
    for (const [device, mac] of [
      ['<interface type="bridge"><mac address="52:54:00:00:00:01"/></interface>', '52:54:00:00:00:01'],
      ['<interface type="bridge"/>', 'without a MAC address'],
    ] as const) {
      const reason = `the interface ${mac} is none of the server's`;
      expect(placeDefinition(withDevice(device), HOME)).toEqual({ outcome: 'failed', reason });
    }
  });
});
