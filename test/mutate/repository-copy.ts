import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const PARTS = ['domain', 'application', 'adapters', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts'];

/** A copy of what the tests need; the packages are shared with the original. Whoever asked for it removes it. */
export async function copyRepository(): Promise<{ readonly directory: string; readonly remove: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'lifeboat-mutate-'));
  for (const part of PARTS) await cp(join(REPOSITORY, part), join(directory, part), { recursive: true });
  await symlink(join(REPOSITORY, 'node_modules'), join(directory, 'node_modules'));
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}
