import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guestDefinition } from '../../../adapters/libvirt/guest-definition.ts';
import { find, parseXml, rootOf } from '../../../adapters/libvirt/xml-document.ts';
import { DIRECTORY, goldenDefinition } from './golden-definition.ts';
import { GUEST, PLAIN } from './guest-definition.fixture.ts';

const BOOT = {
  kernel: `${DIRECTORY}/kernel`,
  ramdisk: `${DIRECTORY}/ramdisk`,
  commandLine: 'root=/dev/vda console=ttyS0 quiet="a & b"',
};

/** Each builds and parses a whole document. */
const RUNS = 30;

describe('the definition of a new server', () => {
  it('is this one', () => {
    expect(guestDefinition(GUEST, { ...PLAIN, boot: BOOT })).toBe(goldenDefinition('guest'));
  });

  it('boots its disk when there is no kernel', () => {
    const definition = guestDefinition(GUEST, PLAIN);
    expect(definition).toContain('<boot dev="hd"/>');
    expect(definition).not.toContain('<kernel>');
  });

  it('carries whatever a server is called as text in one line, and nothing else', () => {
    for (const [name, title] of [
      [`</title><devices/>`, `</title><devices/>`],
      [`&amp; "it's" ]]> <!--`, `&amp; "it's" ]]> <!--`],
      ['one\r\ntwo\tthree', 'one two three'],
      ['bell\u0007 \u0000 \ufffe \ufffd', 'bell? ? ? ?'],
      ['half \ud83d of a character', 'half ? of a character'],
      ['🛟 Rettungsboot', '🛟 Rettungsboot'],
    ] as const) {
      expect(titleOf(name)).toBe(title);
    }
  });

  it('has the same shape for every name', () => {
    const shape = guestDefinition(GUEST, PLAIN).replace(/<title>.*?<\/title>/, '');
    assert(
      property(string({ unit: 'binary', maxLength: 64 }), (name) => {
        const definition = guestDefinition({ ...GUEST, name }, PLAIN);
        expect(parseXml(definition).documentElement?.nodeName).toBe('domain');
        expect(definition.replace(/<title>.*?<\/title>|<title\/>/, '')).toBe(shape);
      }),
      { numRuns: RUNS },
    );
  });
});

function titleOf(name: string): string | null {
  const domain = rootOf(parseXml(guestDefinition({ ...GUEST, name }, PLAIN)));
  return find(domain, 'title')?.textContent ?? null;
}
