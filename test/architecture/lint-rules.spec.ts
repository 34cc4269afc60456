import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ALLOWED, CIRCLE_HALF, PLANTED } from './planted-lint.fixture.ts';
import { PRODUCTION_FOLDERS, REPOSITORY_ROOT } from './source-tree.ts';

const LINT_DEADLINE_MS = 60_000;
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;
const reportSchema = z.object({
  diagnostics: z.array(z.object({ filename: z.string(), code: z.string().optional() })),
});

describe('the lint configuration, on planted files', () => {
  let directory: string;
  let found: ReadonlyMap<string, readonly string[]>;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'lifeboat-lint-'));
    for (const name of ['.oxlintrc.json', 'tsconfig.json', 'package.json']) {
      cpSync(join(REPOSITORY_ROOT, name), join(directory, name));
    }
    symlinkSync(join(REPOSITORY_ROOT, 'node_modules'), join(directory, 'node_modules'));
    for (const { path, text } of [...PLANTED, ...ALLOWED, CIRCLE_HALF]) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), `${text}\n`);
    }
    found = lint(directory);
  }, LINT_DEADLINE_MS);

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it.each(PLANTED)('finds $rule in $path', ({ path, rule }) => {
    expect(found.get(path) ?? []).toEqual([rule]);
  });

  it.each(ALLOWED)('finds nothing in $path', ({ path }) => {
    expect(found.get(path) ?? []).toEqual([]);
  });
});

function lint(directory: string): ReadonlyMap<string, readonly string[]> {
  const oxlint = join(REPOSITORY_ROOT, 'node_modules', '.bin', 'oxlint');
  const options = { cwd: directory, encoding: 'utf8', maxBuffer: OUTPUT_BYTES_MAX, timeout: LINT_DEADLINE_MS } as const;
  const { stdout, stderr } = spawnSync(oxlint, ['--type-aware', '--format=json', ...PRODUCTION_FOLDERS], options);
  if (!stdout.startsWith('{')) throw new Error(`oxlint gave no report: ${stderr}${stdout}`);
  const found = new Map<string, string[]>();
  for (const { filename, code } of reportSchema.parse(JSON.parse(stdout)).diagnostics) {
    found.set(filename, [...(found.get(filename) ?? []), code ?? 'no rule']);
  }
  return found;
}
