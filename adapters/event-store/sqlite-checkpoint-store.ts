import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CheckpointStore } from '../../application/ports/checkpoint-store.ts';
import { checkCheckpoint } from './checked-checkpoint.ts';
import { patiently } from './sqlite-patience.ts';

/** In the event store's own file, which the event store closes. Throws StoreUnavailable. */
export class SqliteCheckpointStore implements CheckpointStore {
  readonly #database: DatabaseSync;
  readonly #load: StatementSync;
  readonly #save: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#load = database.prepare('SELECT position FROM checkpoints WHERE subscription = ?');
    this.#save = database.prepare(
      `INSERT INTO checkpoints (subscription, position) VALUES (?, ?)
        ON CONFLICT (subscription) DO UPDATE SET position = excluded.position`,
    );
  }

  async load(subscription: string): Promise<number> {
    const row = await patiently(this.#database, () => this.#load.get(subscription));
    return Number(row?.['position'] ?? 0);
  }

  async save(subscription: string, position: number): Promise<void> {
    checkCheckpoint(subscription, position);
    await patiently(this.#database, () => this.#saveInTime(subscription, position));
  }

  // Without a sync of its own: what a power cut takes of a checkpoint is delivered again, and the log keeps its order.
  #saveInTime(subscription: string, position: number): void {
    try {
      this.#database.exec('PRAGMA synchronous = NORMAL');
      this.#save.run(subscription, position);
    } finally {
      this.#database.exec('PRAGMA synchronous = FULL');
    }
  }
}
