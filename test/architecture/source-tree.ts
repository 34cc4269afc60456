import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One file of the repository. `path` is relative to its root, with slashes. */
export type SourceFile = { readonly path: string; readonly text: string };

export const REPOSITORY_ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const PRODUCTION_FOLDERS = ['domain', 'application', 'adapters'] as const;

const CODE = /\.(ts|mts|cts|js|mjs|cjs)$/;
// As in .gitignore; read from the folders themselves, since an unpacked archive has no git to ask.
const NOT_OURS: ReadonlySet<string> = new Set(['node_modules', '.git', 'var']);

/** Every file below the given folders, in order of path; with none, of the whole repository. */
export function listFiles(folders: readonly string[] = ['']): readonly string[] {
  return folders.flatMap((folder) => [...filesBelow(folder)]).toSorted();
}

export function readSources(folders: readonly string[]): readonly SourceFile[] {
  return listFiles(folders)
    .filter((path) => CODE.test(path))
    .map((path) => ({ path, text: readText(path) }));
}

/** The text of one file of the repository. */
export function readText(path: string): string {
  return readFileSync(join(REPOSITORY_ROOT, path), 'utf8');
}

function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(join(REPOSITORY_ROOT, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isFile()) yield path;
    else if (entry.isDirectory() && !NOT_OURS.has(entry.name)) yield* filesBelow(path);
  }
}
