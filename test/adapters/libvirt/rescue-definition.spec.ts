import { describe, expect, it } from 'vitest';
import { rescueDefinition } from '../../../adapters/libvirt/rescue-definition.ts';
import { parseXml, serializeXml } from '../../../adapters/libvirt/xml-document.ts';
import { DIRECTORY, goldenDefinition } from './golden-definition.ts';

const OPTIONS = {
  directory: DIRECTORY,
  rescueDiskFormat: 'qcow2',
  device: null,
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

  it('gives the rescue a config drive of its own', () => {
    const drive = `<disk type="file" device="cdrom"><source file="${DIRECTORY}/disk.config"/><target dev="hdd" bus="ide"/></disk>`;
    const original = goldenDefinition('original-inactive').replace('<controller', `${drive}<controller`);
    const definition = rescueDefinition(original, OPTIONS);
    expect(definition).toContain(`<source file="${DIRECTORY}/disk.config.rescue"/>`);
    expect(definition).not.toContain('disk.config"');
  });

  it.each(['type="file" device="disk"><source file="/pools/', 'type="block" device="disk"><source dev="/dev/group/'])(
    'makes the rescue’s own config drive a file of the server’s directory, where the server’s is %s',
    (described) => {
      const id = DIRECTORY.slice(DIRECTORY.lastIndexOf('/') + 1);
      const drive = `<disk ${described}${id}_disk.config"/><target dev="vdd" bus="virtio"/></disk>`;
      const original = goldenDefinition('original-inactive').replace('<controller', `${drive}<controller`);
      const own = `<disk type="file" device="disk"><source file="${DIRECTORY}/disk.config.rescue"/><target dev="vdd"`;
      expect(rescueDefinition(original, OPTIONS)).toContain(own);
    },
  );

  it.each([
    ['disk', 'virtio', 'vdb'],
    ['disk', 'scsi', 'sda'],
    ['disk', 'usb', 'sda'],
    ['cdrom', 'ide', 'hda'],
  ] as const)('keeps every disk in its place when the rescue disk is a %s on %s', (kind, bus, target) => {
    const original = goldenDefinition('original-inactive');
    const definition = rescueDefinition(original, { ...OPTIONS, boot: null, device: { kind, bus } });
    const [root = ''] = /<disk [^]*?<\/disk>/.exec(serializeXml(parseXml(original))) ?? [];
    expect(definition).toContain(root);
    expect(definition.indexOf('disk.rescue')).toBeGreaterThan(definition.indexOf(root));
    expect(definition).toContain(`<target dev="${target}" bus="${bus}"/>`);
    expect(definition).toContain('<boot order="1"/>');
    expect(definition).not.toContain('<boot dev=');
    expect(definition.includes('<readonly/>')).toBe(kind === 'cdrom');
    expect(/type="usb"[^>]*model="none"/.test(definition)).toBe(bus !== 'usb');
  });

  it('is not made of a definition that lacks what it is about', () => {
    expect(() => rescueDefinition('<domain/>', OPTIONS)).toThrow('without <os> or <devices>');
    const elsewhere = { ...OPTIONS, directory: '/somewhere/else' };
    expect(() => rescueDefinition(goldenDefinition('original-inactive'), elsewhere)).toThrow(
      'without the disk /somewhere/else/disk',
    );
  });
});
