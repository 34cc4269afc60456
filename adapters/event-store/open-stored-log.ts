import { existsSync } from 'node:fs';
import type { ConfiguredUrl } from './configured-store.ts';
import { isEventStoreDbUrl } from './eventstoredb-url.ts';
import { openSqliteDatabase, type WantedStore } from './open-sqlite-database.ts';
import type { Progress } from './progress.ts';
import { sqlitePath } from './sqlite-url.ts';
import { SqliteStoredLog } from './sqlite-stored-log.ts';
import type { LogTarget } from './stored-log.ts';

/**
 * For commands that examine or copy a whole log. Throws a sentence for the operator: no file is made here that was not
 * there, unless it is `wanted` as the target of a copy. `progress`: as for `openSqliteDatabase`.
 */
export async function openStoredLog(
  { key, url }: ConfiguredUrl,
  wanted: WantedStore,
  progress: Progress,
): Promise<LogTarget> {
  if (url === 'memory:') throw new Error(`${key}: memory: is gone with the process that wrote it; name another store`);
  if (isEventStoreDbUrl(url)) {
    // As for a running Lifeboat, the client is loaded only where it is used.
    const { openEventStoreDbLog } = await import('./open-eventstoredb.ts');
    return openEventStoreDbLog({ key, url });
  }
  const path = sqlitePath({ key, url });
  if (wanted === 'existing' && !existsSync(path)) throw new Error(`${key}: there is no store ${path}`);
  return new SqliteStoredLog(await openSqliteDatabase(path, progress, wanted));
}
