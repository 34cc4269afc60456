import { describe, expect, it } from 'vitest';
import { hostModel } from '../../../adapters/libvirt/guest-cpu.ts';
import { missingInCapabilities } from '../../../adapters/libvirt/missing-capabilities.ts';
import { buildXml, parseXml, rootOf, serializeXml } from '../../../adapters/libvirt/xml-document.ts';
import { goldenDefinition, type GoldenDefinition } from './golden-definition.ts';

const elementOf = (text: string) => rootOf(parseXml(text));
const capabilities = (machine: 'pc' | 'q35') => elementOf(goldenDefinition(`domain-capabilities-${machine}`));

function missing(name: GoldenDefinition, machine: 'pc' | 'q35', change: (text: string) => string = (text) => text) {
  return missingInCapabilities(elementOf(change(goldenDefinition(name))), capabilities(machine));
}

describe('what an emulator lacks of a definition', () => {
  it('is nothing of what it runs', () => {
    expect(missing('pc-migratable', 'pc')).toEqual([]);
    expect(missing('q35-uefi-migratable', 'q35')).toEqual([]);
    expect(missing('rescued-live', 'pc')).toEqual([]);
  });

  it('is named once: a bus, a device, a screen, a card, a source of chance', () => {
    const twice = `<disk device="tape"><target bus="ide"/></disk><disk device="tape"><target bus="ide"/></disk>`;
    expect(missing('pc-migratable', 'q35', (text) => text.replace('<devices>', `<devices>${twice}`))).toEqual([
      'disk bus ide',
      'disk device tape',
    ]);
    const screen = (text: string) =>
      text.replace("type='vnc'", "type='rdp'").replace("model type='virtio' h", "model type='voodoo' h");
    expect(missing('pc-migratable', 'pc', screen)).toEqual(['graphics rdp', 'video model voodoo']);
    const rng = (text: string) =>
      text.replace("rng model='virtio'", "rng model='tpm'").replace("backend model='random'", "backend model='dice'");
    expect(missing('pc-migratable', 'pc', rng)).toEqual(['RNG model tpm', 'RNG backend dice']);
  });

  it('is the firmware when that host has none at this place', () => {
    const moved = (text: string) => text.replace('/usr/share/OVMF/OVMF_CODE_4M.fd', '/opt/code.fd');
    expect(missing('q35-uefi-migratable', 'q35', moved)).toEqual(['firmware /opt/code.fd']);
  });

  it('is nothing that libvirt does not tell of', () => {
    const silent = elementOf('<domainCapabilities><devices><video supported="yes"/></devices></domainCapabilities>');
    expect(missingInCapabilities(elementOf(goldenDefinition('pc-migratable')), silent)).toEqual([]);
    const without = elementOf('<domainCapabilities><devices><video supported="no"/></devices></domainCapabilities>');
    expect(missingInCapabilities(elementOf(goldenDefinition('pc-migratable')), without)).toEqual([
      'video model virtio',
    ]);
  });
});

describe('the processor most like the host’s', () => {
  it('is a model with a name and every feature that libvirt tells', () => {
    const model = hostModel(capabilities('pc'));
    if (model === null) throw new Error('no host model');
    const text = serializeXml(buildXml(model));
    expect(text).toMatch(/^<cpu mode="custom" match="exact" check="partial"><model fallback="forbid">EPYC<\/model>/);
    expect(text).toContain('<vendor>AMD</vendor>');
    expect(text).toContain('<feature policy="require" name="la57"/>');
    expect(text).toContain('<feature policy="disable" name="topoext"/>');
  });

  it('is none where libvirt knows none', () => {
    const none = '<domainCapabilities><cpu><mode name="host-model" supported="no"/></cpu></domainCapabilities>';
    expect(hostModel(elementOf(none))).toBeNull();
    expect(hostModel(elementOf('<domainCapabilities/>'))).toBeNull();
  });
});
