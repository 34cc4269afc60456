import { rmSync } from 'node:fs';
import { cp, mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const PARTS = ['domain', 'application', 'adapters', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts'];

/** A copy of what the tests need, until this process ends; the packages are shared with the original. */
export async function copyRepository(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'lifeboat-mutate-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  // Without a listener a signal ends the process past its exit listeners.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  for (const part of PARTS) await cp(join(REPOSITORY, part), join(directory, part), { recursive: true });
  await symlink(join(REPOSITORY, 'node_modules'), join(directory, 'node_modules'));
  return directory;
}
