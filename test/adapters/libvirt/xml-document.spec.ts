import { describe, expect, it } from 'vitest';
import { parseXml, XML_CHARACTERS_MAX } from '../../../adapters/libvirt/xml-document.ts';

describe('a definition from outside', () => {
  it('is refused with a DOCTYPE, whatever its case', () => {
    const bomb = '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><domain>&b;</domain>';
    expect(() => parseXml(bomb)).toThrow('DOCTYPE');
    expect(() => parseXml(bomb.replace('DOCTYPE', 'doctype'))).toThrow();
    expect(() => parseXml('<!DOCTYPE d SYSTEM "file:///etc/passwd"><domain/>')).toThrow('DOCTYPE');
  });

  it('is taken up to the largest size, and refused one character above it', () => {
    const padded = (characters: number): string =>
      `<domain>${' '.repeat(characters - '<domain></domain>'.length)}</domain>`;
    expect(parseXml(padded(XML_CHARACTERS_MAX)).documentElement?.nodeName).toBe('domain');
    expect(() => parseXml(padded(XML_CHARACTERS_MAX + 1))).toThrow('too large');
  });

  it('is refused when it is not well-formed, or names an entity that XML does not have', () => {
    for (const text of [
      '',
      '<domain>',
      '<domain></guest>',
      '<domain a=1/>',
      '<domain/><domain/>',
      '<domain>&x;</domain>',
    ]) {
      expect(() => parseXml(text)).toThrow();
    }
  });
});
