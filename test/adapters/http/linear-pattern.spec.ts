import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesLinearly } from '../../../adapters/http/linear-pattern.ts';

describe('a regular expression in linear time', () => {
  it.each([
    ['web', 'my web 1', true],
    ['^web', 'my web', false],
    ['^web', 'web-1', true],
    ['1$', 'web-1', true],
    ['1$', 'web-12', false],
    ['^$', '', true],
    ['^.*\\-instance\\-[0-9]+$', 'tempest-instance-319624478', true],
    ['^.*\\-instance\\-[0-9]+$', 'tempest-instance-', false],
    ['[^a-c]x', 'ax', false],
    ['[^a-c]x', 'dx', true],
    ['\\$', 'a$', true],
    ['^colou?r$', 'color', true],
    ['^\\d\\w\\s$', '1a ', true],
  ])('%s in %j: %s', (pattern, text, expected) => {
    expect(matchesLinearly(pattern, text)).toBe(expected);
  });

  it.each(['a(b)', 'a{2}', 'a|b', '[', '(', '*', 'a'.repeat(256)])('does not know %s', (pattern) => {
    expect(matchesLinearly(pattern, 'a')).toBeNull();
  });

  it('says what the language’s own expressions say', () => {
    const piece = fc.tuple(fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\-'), fc.constantFrom('', '*', '+', '?'));
    const pattern = fc
      .tuple(fc.constantFrom('', '^'), fc.array(piece, { maxLength: 5 }), fc.constantFrom('', '$'))
      .map(([start, pieces, end]) => `${start}${pieces.map((pair) => pair.join('')).join('')}${end}`);
    const text = fc.array(fc.constantFrom('a', 'b', '-'), { maxLength: 8 }).map((letters) => letters.join(''));
    fc.assert(
      fc.property(pattern, text, (source, name) => {
        expect(matchesLinearly(source, name)).toBe(new RegExp(source, 's').test(name));
      }),
    );
  });

  it('is not kept busy by an expression that grows without end elsewhere', () => {
    expect(matchesLinearly(`^${'a*'.repeat(100)}b$`, 'a'.repeat(255))).toBe(false);
  });
});
