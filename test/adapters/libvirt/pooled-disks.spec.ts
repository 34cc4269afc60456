import { describe, expect, it } from 'vitest';
import { diskNameOf, pooledName } from '../../../adapters/libvirt/disk-names.ts';
import { definitionFacts } from '../../../adapters/libvirt/domain-disks.ts';
import { placeDefinition } from '../../../adapters/libvirt/place-definition.ts';
import { withPooledDisks } from '../../../adapters/libvirt/pooled-disks-definition.ts';
import { rescueDefinition } from '../../../adapters/libvirt/rescue-definition.ts';
import { DIRECTORY, goldenDefinition, SERVER } from './golden-definition.ts';

const GROUP = '/dev/servers';
const ROOT = `${GROUP}/${SERVER}_disk`;
const POOLED = { madeAt: `${DIRECTORY}/disk`, path: ROOT, kind: 'block' } as const;
const PLACE = {
  instanceId: SERVER,
  instancesPath: '/var/lib/lifeboat/instances',
  listenAddress: '127.0.0.1',
  uefi: { loader: '/usr/share/OVMF/OVMF_CODE_4M.fd', nvramTemplate: '/usr/share/OVMF/OVMF_VARS_4M.fd' },
  interfaces: new Map(),
};

const onBlockStorage = (): string => withPooledDisks(goldenDefinition('original-inactive'), [POOLED]);

function placed(definition: string, disksPath: string | null): string {
  const answer = placeDefinition(definition, { ...PLACE, disksPath });
  if (answer.outcome !== 'succeeded') throw new Error(answer.reason);
  return answer.value;
}

describe('a disk in a storage pool', () => {
  it('has the same name wherever it lies, and nobody else’s disk has it', () => {
    expect(diskNameOf(`/dev/servers/${pooledName(SERVER, 'disk.rescue')}`, SERVER)).toBe('disk.rescue');
    expect(diskNameOf(pooledName(SERVER, 'disk'), SERVER)).toBe('disk');
    expect(diskNameOf(`${DIRECTORY}/disk`, SERVER)).toBe('disk');
    for (const other of [
      `/srv/${SERVER}0/disk`,
      `/dev/servers/x${SERVER}_disk`,
      `/dev/servers/${SERVER}_`,
      'disk',
      '',
    ]) {
      expect(diskNameOf(other, SERVER)).toBeNull();
    }
  });

  it('is given to the guest as raw bytes of a device, and nothing else of the machine changes', () => {
    const definition = onBlockStorage();
    const [root] = definitionFacts(definition).disks;
    expect(root).toMatchObject({ path: ROOT, format: 'raw', targetDevice: 'vda', readOnly: false });
    expect(definition).toContain('<disk type="block" device="disk">');
    const without = (text: string): string => text.replaceAll(/<disk [^]*?<\/disk>/g, '').replaceAll(/["']/g, '"');
    expect(without(definition)).toBe(without(goldenDefinition('original-inactive')));
    expect(withPooledDisks(definition, [])).toBe(definition);
  });

  it('stays what it is in a legacy rescue, as the second disk', () => {
    const options = { directory: DIRECTORY, rescueDiskFormat: 'qcow2', boot: null, device: null } as const;
    const rescue = rescueDefinition(onBlockStorage(), options);
    const found = definitionFacts(rescue).disks.map(({ path, targetDevice, format }) => [path, targetDevice, format]);
    expect(found).toEqual([
      [`${DIRECTORY}/disk.rescue`, 'vda', 'qcow2'],
      [ROOT, 'vdb', 'raw'],
    ]);
  });

  it('is looked for in the pool of the host that the definition is for', () => {
    const there = placed(onBlockStorage(), '/mnt/servers');
    expect(definitionFacts(there).disks.map(({ path }) => path)).toEqual([`/mnt/servers/${SERVER}_disk`]);
    expect(placed(there, GROUP)).toBe(placed(onBlockStorage(), GROUP));
    expect(placed(onBlockStorage(), null)).toContain(ROOT);
  });
});
