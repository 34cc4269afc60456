import { posix } from 'node:path';
import type { SourceFile } from './source-tree.ts';

/** What a page may name: the files that exist, and the scripts of package.json. */
export type Nameable = { readonly files: ReadonlySet<string>; readonly scripts: ReadonlySet<string> };

const LINK = /\]\(([^)\s]+)\)/g;
const ABSOLUTE = /^([a-z]+:|#|\/)/;
const NAMED_FILE = /`((?:domain|application|adapters|test|docs)\/[\w./-]*)`/g;
const SCRIPT = /npm run (?:-s |--silent )?([\w:-]+)/g;
const BUILT_IN_SCRIPT = /npm (test|start)\b/g;

/** A sentence for each thing a page names that is not there: a linked file, a file in code, a script. */
export function deadReferencesOf({ path, text }: SourceFile, { files, scripts }: Nameable): readonly string[] {
  const exists = (named: string): boolean => {
    const bare = named.replace(/[#?].*$/, '').replace(/\/$/, '');
    return files.has(bare) || [...files].some((file) => file.startsWith(`${bare}/`));
  };
  const links = matches(text, LINK).filter((link) => !ABSOLUTE.test(link));
  const named = matches(text, NAMED_FILE);
  const run = [...matches(text, SCRIPT), ...matches(text, BUILT_IN_SCRIPT)];
  return [
    ...links.filter((link) => !exists(posix.join(posix.dirname(path), link))).map((link) => `links to ${link}`),
    ...named.filter((file) => !exists(file)).map((file) => `names ${file}`),
    ...run.filter((script) => !scripts.has(script)).map((script) => `runs ${script}`),
  ].map((what) => `${path} ${what}`);
}

function matches(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].flatMap(([, group]) => group ?? []);
}
