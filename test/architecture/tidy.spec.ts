import { describe, expect, it } from 'vitest';
import { listFiles, PRODUCTION_FOLDERS, readSources, readText, type SourceFile } from './source-tree.ts';
import {
  explainsItsExports,
  exportsByName,
  hasNoDecorators,
  isShort,
  leavesNothingUndone,
  leavesStatusCodesAlone,
  mentions,
  mocksNothing,
  namesAFileByItsConcept,
  neverSleeps,
  placesOfNumber,
  type TidyRule,
} from './tidy-rules.ts';

const production = readSources(PRODUCTION_FOLDERS);
const tests = readSources(['test']);
const code = [...production, ...tests];
const everything = listFiles().filter((path) => !path.startsWith('test/golden/') && path !== 'package-lock.json');
const texts = everything.map((path) => ({ path, text: readText(path) }));
const within = (...folders: readonly string[]) =>
  code.filter(({ path }) => folders.some((one) => path.startsWith(one)));
const specs = tests.filter(({ path }) => path.endsWith('.spec.ts'));
const statusCodes = 'adapters/http/status-codes.ts';
// In parts, so that this file does not break its own rule.
const thisMachine = mentions(['', 'work', ''].join('/'));
const undone = ['TO', 'DO'].join('');

const RULES: readonly (readonly [string, TidyRule, readonly SourceFile[]])[] = [
  ['are named in kebab-case, by what they hold', namesAFileByItsConcept, code],
  ['are short enough to read at once', isShort, production],
  ['export by name only', exportsByName, code],
  ['have no decorators', hasNoDecorators, code],
  ['leave 202 and 409 to one file', leavesStatusCodesAlone, within('adapters/').filter(isNot(statusCodes))],
  ['do not sleep for a guess in a test', neverSleeps, specs],
  ['mock none of our own modules', mocksNothing, tests],
  [
    'explain every exported function and class of the inner layers',
    explainsItsExports,
    within('domain/', 'application/'),
  ],
  ['leave nothing for later', leavesNothingUndone, texts.filter(isNot('test/architecture/tidy-rules.ts'))],
  ['know nothing of the machine they were written on', thisMachine, texts],
];

describe('the source files', () => {
  it.each(RULES.map(([says, rule, files]) => ({ says, rule, files })))('$says', ({ rule, files }) => {
    expect(files.length).toBeGreaterThan(5);
    expect(files.flatMap(rule)).toEqual([]);
  });

  it('write 202 and 409 in that one file, each once as a value', () => {
    const written = within(statusCodes).flatMap(leavesStatusCodesAlone);
    expect(written.some((place) => place.endsWith(' 202'))).toBe(true);
    expect(written.some((place) => place.endsWith(' 409'))).toBe(true);
  });

  it.each([74, 105])('of the domain write the feature’s number %i exactly once', (number) => {
    expect(placesOfNumber(within('domain/'), number)).toHaveLength(1);
  });
});

const PLANTED: readonly (readonly [string, TidyRule, string, string])[] = [
  ['is called index', namesAFileByItsConcept, 'domain/instance/index.ts', ''],
  ['is called after nothing it holds', namesAFileByItsConcept, 'domain/instance/instance-utils.ts', ''],
  ['is not named in kebab-case', namesAFileByItsConcept, 'domain/instance/decideInstance.ts', ''],
  ['is too long', isShort, 'domain/a.ts', 'a\n'.repeat(251)],
  ['has a default export', exportsByName, 'domain/a.ts', 'export default 1;'],
  ['has a default export by another name', exportsByName, 'domain/a.ts', 'const a = 1; export { a as default };'],
  ['has a decorator', hasNoDecorators, 'adapters/a.ts', '@injectable() class A {}'],
  ['writes 409', leavesStatusCodesAlone, 'adapters/a.ts', 'reply.code(409);'],
  ['writes 202 in a type', leavesStatusCodesAlone, 'adapters/a.ts', 'type Status = 202;'],
  ['writes 409 as text', leavesStatusCodesAlone, 'adapters/a.ts', "const status = '409';"],
  ['sleeps', neverSleeps, 'test/a.spec.ts', 'await new Promise((wake) => setTimeout(wake, 10));'],
  [
    'sleeps through globalThis',
    neverSleeps,
    'test/a.spec.ts',
    'await new Promise((wake) => globalThis.setTimeout(wake, 10));',
  ],
  [
    'sleeps with a promise',
    neverSleeps,
    'test/a.spec.ts',
    "import { setTimeout as sleep } from 'node:timers/promises';",
  ],
  ['mocks', mocksNothing, 'test/a.spec.ts', "vi.mock('./a.ts');"],
  ['exports an unexplained function', explainsItsExports, 'domain/a.ts', '// Why.\nexport function decide() {}'],
  ['explains another function only', explainsItsExports, 'domain/a.ts', '/** Why. */\nconst a = 1;\nexport class A {}'],
  ['leaves something for later', leavesNothingUndone, 'domain/a.ts', `// ${undone}: later`],
  ['names this machine', thisMachine, 'docs/a.md', `see ${['', 'work', 'main'].join('/')}`],
];

describe('an untidy file', () => {
  it.each(PLANTED.map(([says, rule, path, text]) => ({ says, rule, path, text })))('$says', ({ rule, path, text }) => {
    expect(rule({ path, text })).toHaveLength(1);
  });

  it('is not one that explains its exports, or speaks of a status in a comment', () => {
    const text = '/** Why. */\nexport function decide() {}\n/**\n * Why.\n */\nexport class A {}\n// 409\n';
    expect(explainsItsExports({ path: 'domain/a.ts', text })).toEqual([]);
    expect(leavesStatusCodesAlone({ path: 'adapters/a.ts', text })).toEqual([]);
  });
});

function isNot(excepted: string): (source: { readonly path: string }) => boolean {
  return ({ path }) => path !== excepted;
}
