/** A part of a pattern that matches one character, as often as its bounds say. */
type Piece = {
  readonly matches: (character: string) => boolean;
  readonly optional: boolean;
  readonly repeats: boolean;
};

const PATTERN_CHARACTERS_MAX = 255;
const NAMED_CLASSES: ReadonlyMap<string, (character: string) => boolean> = new Map([
  ['d', (character: string) => /\d/.test(character)],
  ['w', (character: string) => /\w/.test(character)],
  ['s', (character: string) => /\s/.test(character)],
  ['D', (character: string) => /\D/.test(character)],
  ['W', (character: string) => /\W/.test(character)],
  ['S', (character: string) => /\S/.test(character)],
]);

/**
 * Whether the text matches a client's regular expression somewhere, in time that grows with text times pattern and
 * never faster: all states are followed at once, and none is tried twice. Known are characters, escapes, `.`, classes,
 * `*`, `+`, `?` and the two anchors; null for an expression with anything else, which then counts as plain text.
 */
export function matchesLinearly(pattern: string, text: string): boolean | null {
  if (pattern.length > PATTERN_CHARACTERS_MAX) return null;
  const fromStart = pattern.startsWith('^');
  const toEnd = /(?:^|[^\\])(?:\\\\)*\$$/.test(pattern);
  const pieces = piecesOf(pattern.slice(fromStart ? 1 : 0, toEnd ? -1 : undefined));
  return pieces === null ? null : run(pieces, text, { fromStart, toEnd });
}

function run(
  pieces: readonly Piece[],
  text: string,
  { fromStart, toEnd }: { readonly fromStart: boolean; readonly toEnd: boolean },
): boolean {
  let states = reachable(pieces, [0]);
  for (const character of text) {
    if (!toEnd && states.has(pieces.length)) return true;
    const next = [...states].flatMap((state) => {
      const piece = pieces[state];
      if (piece?.matches(character) !== true) return [];
      return piece.repeats ? [state, state + 1] : [state + 1];
    });
    states = reachable(pieces, fromStart ? next : [...next, 0]);
  }
  return states.has(pieces.length);
}

/** With what may be left out left out. A repeated piece that has matched once need not match again. */
function reachable(pieces: readonly Piece[], from: readonly number[]): ReadonlySet<number> {
  const states = new Set(from);
  for (const state of states) if (pieces[state]?.optional === true) states.add(state + 1);
  return states;
}

const SOURCE = /\\(.)|\[(\^?)(\]?(?:\\.|[^\]\\])*)\]|([^\\[\](){}|*+?^$])/suy;

function piecesOf(pattern: string): readonly Piece[] | null {
  const pieces: Piece[] = [];
  let place = 0;
  while (place < pattern.length) {
    SOURCE.lastIndex = place;
    const found = SOURCE.exec(pattern);
    if (found === null) return null;
    place = SOURCE.lastIndex;
    const quantifier = /[*+?]/.test(pattern[place] ?? '') ? pattern[place] : undefined;
    if (quantifier !== undefined) place += 1;
    pieces.push({
      matches: matcherOf(found),
      optional: quantifier === '*' || quantifier === '?',
      repeats: quantifier === '*' || quantifier === '+',
    });
  }
  return pieces;
}

function matcherOf([, escaped, negated, members, plain]: RegExpExecArray): Piece['matches'] {
  if (escaped !== undefined) return NAMED_CLASSES.get(escaped) ?? ((character) => character === escaped);
  if (members === undefined) return plain === '.' ? () => true : (character) => character === plain;
  const inClass = classOf(members);
  return negated === '^' ? (character) => !inClass(character) : inClass;
}

function classOf(members: string): Piece['matches'] {
  const tests = [...members.matchAll(/(\\?.)(?:-(\\?.))?/gsu)].map(([whole, first = '', last]): Piece['matches'] => {
    const named = first.startsWith('\\') ? NAMED_CLASSES.get(first.slice(1)) : undefined;
    if (named !== undefined) return named;
    const low = unescaped(first);
    if (last === undefined) return (character) => character === low || (whole.endsWith('-') && character === '-');
    const high = unescaped(last);
    return (character) => character >= low && character <= high;
  });
  return (character) => tests.some((matches) => matches(character));
}

const unescaped = (text: string): string => (text.length > 1 && text.startsWith('\\') ? text.slice(1) : text);
