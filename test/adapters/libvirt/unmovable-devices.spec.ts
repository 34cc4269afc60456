import { describe, expect, it } from 'vitest';
import { unmovableDevices } from '../../../adapters/libvirt/unmovable-devices.ts';
import { parseXml, rootOf } from '../../../adapters/libvirt/xml-document.ts';
import { goldenDefinition } from './golden-definition.ts';

const unmovable = (definition: string) => unmovableDevices(rootOf(parseXml(definition)));
const inDevices = (device: string) => goldenDefinition('rescued-live').replace('</devices>', `${device}</devices>`);
const inDomain = (element: string) => goldenDefinition('rescued-live').replace('</domain>', `${element}</domain>`);

const PCI = '<source><address domain="0x0000" bus="0x06" slot="0x12" function="0x5"/></source>';
const MEDIATED = '<source><address uuid="b2107403-110c-45b0-af87-32cc91597b8a"/></source>';
const USB = '<source><vendor id="0x1234"/><product id="0xbeef"/></source>';
const OWN = "(only the server's own disks travel)";
const PART = '(it is a part of the host)';

describe('what keeps a guest on its host', () => {
  it.each(['rescued-live', 'pc-migratable', 'q35-uefi-migratable', 'original-inactive'] as const)(
    'is nothing that Lifeboat builds: %s',
    (name) => expect(unmovable(goldenDefinition(name))).toEqual([]),
  );

  it.each([
    [`<hostdev type="pci">${PCI}</hostdev>`, `host device pci 0000:06:12.5 ${PART}`],
    [`<hostdev type="mdev">${MEDIATED}</hostdev>`, `host device mdev b2107403-110c-45b0-af87-32cc91597b8a ${PART}`],
    [`<hostdev type="usb">${USB}</hostdev>`, `host device usb 0x1234:0xbeef ${PART}`],
    [
      '<interface type="hostdev"><mac address="fa:16:3e:00:00:01"/></interface>',
      `host network device fa:16:3e:00:00:01 ${PART}`,
    ],
    ['<interface type="vdpa"/>', `vDPA network device without a MAC address ${PART}`],
    ['<filesystem><target dir="share"/></filesystem>', 'file system share share (it is a directory of the host)'],
    ['<shmem name="ivshmem"/>', 'shared memory ivshmem (it is memory of the host)'],
    ['<tpm><backend type="emulator"/></tpm>', 'vTPM (its state is sealed with a secret that the hosts do not share)'],
    ['<tpm><backend type="passthrough"><device path="/dev/tpm0"/></backend></tpm>', `TPM /dev/tpm0 ${PART}`],
    ['<memory model="nvdimm"/>', 'nvdimm (it is memory of the host)'],
    ['<disk type="network"><target dev="vdd"/></disk>', `network disk vdd ${OWN}`],
    ['<disk type="block"><source dev="/dev/sdb"/><target dev="vdd"/></disk>', `block disk vdd ${OWN}`],
  ])('is named: %s', (device, name) => {
    expect(unmovable(inDevices(device))).toEqual([name]);
  });

  it.each([
    ['<cputune><vcpupin vcpu="0" cpuset="4"/></cputune>', 'vcpupin (it names processors of the host)'],
    ['<numatune><memory mode="strict" nodeset="1"/></numatune>', 'numatune (it names memory of the host)'],
    ['<launchSecurity type="sev"/>', 'launchSecurity sev (its memory is sealed for the host)'],
  ])('is also what the whole guest is bound to: %s', (element, name) => {
    expect(unmovable(inDomain(element))).toEqual([name]);
  });

  it('is a processor that exists there only, and processors it is bound to', () => {
    const passed = goldenDefinition('rescued-live').replace("cpu mode='custom'", "cpu mode='host-passthrough'");
    expect(unmovable(passed)).toEqual(['CPU mode host-passthrough (every host has another processor)']);
    const bound = goldenDefinition('rescued-live').replace('<vcpu ', '<vcpu cpuset="0-3" ');
    expect(unmovable(bound)).toEqual(['vcpu cpuset (it names processors of the host)']);
  });

  it('is a file of variables that lies elsewhere', () => {
    const path = '/var/lib/libvirt/qemu/nvram/guest_VARS.fd';
    const stray = goldenDefinition('q35-uefi-migratable').replace(/(<nvram [^>]*>)[^<]*/, `$1${path}`);
    expect(unmovable(stray)).toEqual([`NVRAM file ${path} (it is not in the server's directory)`]);
  });
});
