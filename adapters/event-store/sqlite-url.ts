import { type ConfiguredUrl, shownUrl } from './configured-store.ts';

const SQLITE = 'sqlite:';

/** The path in `sqlite:<path>`. Throws an Error for every other URL that names the key and what is expected. */
export function sqlitePath({ key, url }: ConfiguredUrl): string {
  const path = url.startsWith(SQLITE) ? url.slice(SQLITE.length) : '';
  // An operator who writes `sqlite::memory:` does not mean a file of that name.
  if (path !== '' && path !== ':memory:' && !path.includes('\0')) return path;
  const known =
    'memory: (nothing survives a restart), sqlite:<path of a file> or esdb://<user>:<password>@<host>:<port>';
  throw new Error(`${key}: found ${shownUrl(url)}; expected ${known}`);
}
