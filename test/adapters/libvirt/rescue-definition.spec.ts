import { describe, expect, it } from 'vitest';
import { rescueDefinition } from '../../../adapters/libvirt/rescue-definition.ts';
import { DIRECTORY, goldenDefinition } from './golden-definition.ts';

const OPTIONS = {
  directory: DIRECTORY,
  rescueDiskFormat: 'qcow2',
  boot: {
    kernel: `${DIRECTORY}/kernel.rescue`,
    ramdisk: `${DIRECTORY}/ramdisk.rescue`,
    commandLine: 'console=ttyS0 quiet',
  },
} as const;

describe('the definition of a rescued server', () => {
  it('has the rescue disk first, the original one second, and the rest as the owner had it', () => {
    expect(rescueDefinition(goldenDefinition('original-inactive'), OPTIONS)).toBe(goldenDefinition('rescue'));
  });

  it('boots the rescue disk by itself when the image has no kernel, and keeps nothing of the old one', () => {
    const definition = rescueDefinition(goldenDefinition('original-inactive'), { ...OPTIONS, boot: null });
    expect(definition).toContain('<boot dev="hd"/>');
    for (const gone of ['kernel', 'initrd', 'cmdline']) expect(definition).not.toContain(`<${gone}>`);
  });

  it('attaches no other disk of the server', () => {
    const second = `<disk type="file" device="disk"><source file="${DIRECTORY}/disk.local"/><target dev="vdb"/></disk>`;
    const original = goldenDefinition('original-inactive').replace('<controller', `${second}<controller`);
    expect(rescueDefinition(original, OPTIONS)).not.toContain('disk.local');
  });

  it('is not made of a definition that lacks what it is about', () => {
    expect(() => rescueDefinition('<domain/>', OPTIONS)).toThrow('without <os> or <devices>');
    const elsewhere = { ...OPTIONS, directory: '/somewhere/else' };
    expect(() => rescueDefinition(goldenDefinition('original-inactive'), elsewhere)).toThrow(
      'without the disk /somewhere/else/disk',
    );
  });
});
