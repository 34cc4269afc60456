import type { DatabaseSync } from 'node:sqlite';
import type { Latest, LatestKey, LatestValueOf, LatestValues } from '../../application/ports/latest-values.ts';
import { checkLatestKey, decodeLatestValue } from './latest-value-codec.ts';
import { patiently } from './sqlite-patience.ts';

// Beside the log, not a part of it: a file that lacks the table, or has lost it, is whole.
const TABLE = `
  CREATE TABLE IF NOT EXISTS latest_values (
    key TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID`;

/** In the event store's own file, which the event store closes. */
export class SqliteLatestValues implements LatestValues {
  readonly #database: DatabaseSync;
  #hasTable = false;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async read<Key extends LatestKey>(key: Key): Promise<Latest<LatestValueOf<Key>> | null> {
    const row = await this.#run((database) =>
      database.prepare('SELECT revision, value FROM latest_values WHERE key = ?').get(key),
    );
    if (row === undefined) return null;
    return { revision: Number(row['revision']), value: decodeLatestValue(key, JSON.parse(String(row['value']))) };
  }

  async write<Key extends LatestKey>(
    key: Key,
    value: LatestValueOf<Key>,
    expected: number | null,
  ): Promise<number | null> {
    checkLatestKey(key);
    const text = JSON.stringify(value);
    const revision = (expected ?? -1) + 1;
    const { changes } = await this.#run((database) =>
      expected === null
        ? database.prepare('INSERT INTO latest_values VALUES (?, 0, ?) ON CONFLICT DO NOTHING').run(key, text)
        : database
            .prepare('UPDATE latest_values SET revision = ?, value = ? WHERE key = ? AND revision = ?')
            .run(revision, text, key, expected),
    );
    return changes === 0 ? null : revision;
  }

  #run<Result>(query: (database: DatabaseSync) => Result): Promise<Result> {
    return patiently(this.#database, () => {
      if (!this.#hasTable) this.#database.exec(TABLE);
      this.#hasTable = true;
      return query(this.#database);
    });
  }
}
