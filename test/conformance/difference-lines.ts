/** Where two values differ, a line each: `- path: expected` and `+ path: found`; none when they are alike. */
export function differenceLines(expected: unknown, found: unknown, path = ''): readonly string[] {
  if (Object.is(expected, found)) return [];
  if (Array.isArray(expected) && Array.isArray(found)) return differencesInList(expected, found, path);
  if (isObject(expected) && isObject(found)) {
    const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
    return names.flatMap((name) =>
      differenceLines(
        Object.hasOwn(expected, name) ? expected[name] : ABSENT,
        Object.hasOwn(found, name) ? found[name] : ABSENT,
        path === '' ? name : `${path}.${name}`,
      ),
    );
  }
  return [
    ...(expected === ABSENT ? [] : [`- ${path}: ${shown(expected)}`]),
    ...(found === ABSENT ? [] : [`+ ${path}: ${shown(found)}`]),
  ];
}

const ABSENT = Symbol('absent');
const SHOWN_CHARACTERS_MAX = 400;

function differencesInList(expected: readonly unknown[], found: readonly unknown[], path: string): readonly string[] {
  const length = Math.max(expected.length, found.length);
  return Array.from({ length }, (_item, index) =>
    differenceLines(
      index < expected.length ? expected[index] : ABSENT,
      index < found.length ? found[index] : ABSENT,
      `${path}[${index}]`,
    ),
  ).flat();
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text;
}
