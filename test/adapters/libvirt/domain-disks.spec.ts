import { describe, expect, it } from 'vitest';
import { definitionFacts } from '../../../adapters/libvirt/domain-disks.ts';
import { DIRECTORY, goldenDefinition } from './golden-definition.ts';

describe('what a migration has to know of a definition', () => {
  it('is read from a running rescued guest', () => {
    expect(definitionFacts(goldenDefinition('rescued-live'))).toEqual({
      disks: [
        { path: `${DIRECTORY}/disk.rescue`, targetDevice: 'vda', format: 'qcow2', readOnly: false },
        { path: `${DIRECTORY}/disk`, targetDevice: 'vdb', format: 'qcow2', readOnly: false },
      ],
      machineType: 'pc-i440fx-7.2',
      architecture: 'x86_64',
      memoryMiB: 128,
      unmovable: [],
    });
  });

  it('has an empty drive travel without its medium, and knows a read-only one', () => {
    const empty = '<disk type="file" device="cdrom"><target dev="sda" bus="sata"/><readonly/></disk>';
    expect(definitionFacts(withDevice(empty))).toMatchObject({ unmovable: [], disks: [{}, {}] });
    const medium = `<disk type="file" device="cdrom"><source file="/iso"/><target dev="sda"/><readonly/></disk>`;
    expect(definitionFacts(withDevice(medium)).disks.at(-1)).toEqual({
      path: '/iso',
      targetDevice: 'sda',
      format: 'raw',
      readOnly: true,
    });
  });
});

function withDevice(device: string): string {
  return goldenDefinition('rescued-live').replace('</devices>', `${device}</devices>`);
}
