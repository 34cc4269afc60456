/** Nobody reads more of a wrong value than this, and the sender must not choose how large our answer is. */
const REPRESENTATION_CHARACTERS_MAX = 1000;
const DEPTH_MAX = 8;

/** Python's `repr` of a JSON value, as Nova's messages show it; cut where it is long or deep. */
export function pythonRepr(value: unknown): string {
  return shortened(represented(value, 0));
}

/** Python's `str`: as `repr`, except that a string stands for itself. */
export function pythonStr(value: unknown): string {
  return typeof value === 'string' ? shortened(value) : pythonRepr(value);
}

function represented(value: unknown, depth: number): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'string') return quoted(value.slice(0, REPRESENTATION_CHARACTERS_MAX));
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'object') return typeof value;
  if (depth === DEPTH_MAX) return '...';
  if (Array.isArray(value)) return `[${value.map((item) => represented(item, depth + 1)).join(', ')}]`;
  const entries = Object.entries(value).map(([key, item]) => `${quoted(key)}: ${represented(item, depth + 1)}`);
  return `{${entries.join(', ')}}`;
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\\p{Cc}\p{Cs}]/gu, escape);
  return `${quote}${quote === "'" ? escaped.replaceAll("'", String.raw`\'`) : escaped}${quote}`;
}

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\', String.raw`\\`],
  ['\n', String.raw`\n`],
  ['\r', String.raw`\r`],
  ['\t', String.raw`\t`],
]);

function escape(character: string): string {
  const code = character.charCodeAt(0);
  const hexadecimal =
    code > 0xff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\x${code.toString(16).padStart(2, '0')}`;
  return SHORT_ESCAPES.get(character) ?? hexadecimal;
}

function shortened(text: string): string {
  return text.length > REPRESENTATION_CHARACTERS_MAX ? `${text.slice(0, REPRESENTATION_CHARACTERS_MAX)}...` : text;
}
