import { describe, expect, it } from 'vitest';
import { withCpuOf } from '../../../adapters/libvirt/inactive-definition.ts';
import { parseXml, serializeXml } from '../../../adapters/libvirt/xml-document.ts';
import { goldenDefinition } from './golden-definition.ts';

const CPU = /<cpu[\s\S]*<\/cpu>/;

describe('a definition whose processor is only described', () => {
  it('names the one that the guest runs with, and is otherwise the same', () => {
    const described = goldenDefinition('pc-inactive').replace(CPU, "<cpu mode='host-model' check='partial'/>");
    const running = goldenDefinition('pc-migratable');
    const canonical = serializeXml(parseXml(running));
    const named = withCpuOf(described, running);
    expect(CPU.exec(named)?.[0]).toBe(CPU.exec(canonical)?.[0]);
    const without = (text: string) => serializeXml(parseXml(text)).replace(/<cpu[\s\S]*?(\/>|<\/cpu>)/, '');
    expect(without(named.replace(CPU, '<cpu/>'))).toBe(without(described));
  });

  it('stays as it is when nothing is known', () => {
    expect(withCpuOf('<domain><cpu mode="host-model"/></domain>', '<domain/>')).toContain('host-model');
  });
});
