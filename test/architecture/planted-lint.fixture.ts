const LINES = 260;

/** Each file breaks exactly one rule of .oxlintrc.json, in the folder where the rule holds. */
export const PLANTED: readonly { readonly path: string; readonly rule: string; readonly text: string }[] = [
  planted('domain/time/clock.ts', 'eslint(no-restricted-globals)', 'export const now = (): number => Date.now();'),
  planted('domain/time/place.ts', 'eslint(no-restricted-globals)', 'export const here = (): string => process.cwd();'),
  planted(
    'domain/time/wait.ts',
    'eslint(no-restricted-globals)',
    'export const wait = (then: () => void): unknown => setTimeout(then, 1);',
  ),
  planted(
    'domain/time/chance.ts',
    'eslint(no-restricted-properties)',
    'export const chance = (): number => Math.random();',
  ),
  planted('domain/time/files.ts', 'eslint(no-restricted-imports)', "export { readFileSync } from 'node:fs';"),
  planted('domain/time/schema.ts', 'eslint(no-restricted-imports)', "export { z } from 'zod';"),
  planted('domain/time/outward.ts', 'eslint(no-restricted-imports)', "export { a } from '../../application/a.ts';"),
  planted('application/schema.ts', 'eslint(no-restricted-imports)', "export { z } from 'zod';"),
  planted('application/files.ts', 'eslint(no-restricted-imports)', "export { readFileSync } from 'node:fs';"),
  planted('application/outward.ts', 'eslint(no-restricted-imports)', "export { b } from '../adapters/http/b.ts';"),
  planted('adapters/http/container.ts', 'eslint(no-restricted-imports)', "export { Container } from 'inversify';"),
  planted('domain/size/file.ts', 'eslint(max-lines)', 'export const line = 1;\n' + '// a line\n'.repeat(LINES)),
  planted(
    'domain/size/function.ts',
    'eslint(max-lines-per-function)',
    `export function long(): readonly number[] {\n  return [\n${'    1,\n'.repeat(80)}  ];\n}`,
  ),
  planted(
    'domain/size/parameters.ts',
    'eslint(max-params)',
    'export const sum = (a: number, b: number, c: number, d: number, e: number): number => a + b + c + d + e;',
  ),
  planted(
    'domain/types/any.ts',
    'typescript(no-explicit-any)',
    'export const same = (value: any): string => String(value);',
  ),
  planted(
    'domain/types/assert.ts',
    'typescript(no-non-null-assertion)',
    'export const first = (all: readonly string[]): string => all[0]!;',
  ),
  planted(
    'domain/types/cast.ts',
    'typescript(no-unsafe-type-assertion)',
    "export const parse = (text: string): 'up' | 'down' => text as 'up' | 'down';",
  ),
  planted(
    'domain/types/switch.ts',
    'typescript(switch-exhaustiveness-check)',
    "export function name(way: 'up' | 'down'): string {\n  switch (way) {\n    case 'up':\n      return 'u';\n  }\n  return '';\n}",
  ),
  planted(
    'domain/types/default.ts',
    'import(no-default-export)',
    'export default function start(): number {\n  return 1;\n}',
  ),
  planted(
    'domain/types/equal.ts',
    'eslint(eqeqeq)',
    "export const empty = (text: string | null): boolean => text == '';",
  ),
  planted(
    'adapters/http/print.ts',
    'eslint(no-console)',
    'export const print = (text: string): void => console.log(text);',
  ),
  planted(
    'adapters/http/floating.ts',
    'typescript(no-floating-promises)',
    'export function start(run: () => Promise<void>): void {\n  run();\n}',
  ),
  planted(
    'adapters/http/misused.ts',
    'typescript(no-misused-promises)',
    'export const each = (all: readonly string[], run: (one: string) => Promise<void>): void => all.forEach(run);',
  ),
  planted(
    'adapters/http/value-import.ts',
    'typescript(consistent-type-imports)',
    "import { Socket } from 'node:net';\nexport const isOpen = (socket: Socket): boolean => !socket.destroyed;",
  ),
  planted(
    'adapters/http/circle-one.ts',
    'import(no-cycle)',
    "import { two } from './circle-two.ts';\nexport const one = (): number => two() + 1;",
  ),
];

/** Breaks nothing, or only what is allowed in its place. */
export const ALLOWED: readonly { readonly path: string; readonly text: string }[] = [
  { path: 'adapters/main/container.ts', text: "export { Container } from 'inversify';" },
  {
    path: 'domain/shared/ids.ts',
    text: "export const way = (text: string): 'up' | 'down' => text as 'up' | 'down';",
  },
  { path: 'application/a.ts', text: 'export const a = 1;' },
  { path: 'adapters/http/b.ts', text: 'export const b = 1;' },
];

/** The other half of the planted circle: either half may be the one that is named. */
export const CIRCLE_HALF = {
  path: 'adapters/http/circle-two.ts',
  text: "import { one } from './circle-one.ts';\nexport const two = (): number => one() + 1;",
};

function planted(path: string, rule: string, text: string): (typeof PLANTED)[number] {
  return { path, rule, text };
}
