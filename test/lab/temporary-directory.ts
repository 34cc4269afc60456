import { mkdtempSync, rmSync } from 'node:fs';

type TemporaryDirectory = { readonly path: string; readonly remove: () => void };

const REMOVE_ATTEMPTS_MAX = 5;

/** A new directory `<prefix>XXXXXX`. It goes with `remove`, and when this process exits before it came to that. */
export function makeTemporaryDirectory(prefix: string): TemporaryDirectory {
  const path = mkdtempSync(prefix);
  const remove = (): void => {
    process.removeListener('exit', remove);
    rmSync(path, { recursive: true, force: true, maxRetries: REMOVE_ATTEMPTS_MAX });
  };
  process.once('exit', remove);
  return { path, remove };
}
