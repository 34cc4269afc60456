import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import type { CheckpointStore } from '../../application/ports/checkpoint-store.ts';
import { checkCheckpoint } from './checked-checkpoint.ts';
import { BUSY_ATTEMPTS_MAX, BUSY_PAUSE_MS } from './open-sqlite-database.ts';
import { isBusy, storeUnavailable } from './sqlite-failure.ts';

/** In the event store's own file, which the event store closes. Throws StoreUnavailable. */
export class SqliteCheckpointStore implements CheckpointStore {
  readonly #load: StatementSync;
  readonly #save: StatementSync;

  constructor(database: DatabaseSync) {
    this.#load = database.prepare('SELECT position FROM checkpoints WHERE subscription = ?');
    this.#save = database.prepare(
      `INSERT INTO checkpoints (subscription, position) VALUES (?, ?)
        ON CONFLICT (subscription) DO UPDATE SET position = excluded.position`,
    );
  }

  async load(subscription: string): Promise<number> {
    const row = await patiently(() => this.#load.get(subscription));
    return Number(row?.['position'] ?? 0);
  }

  async save(subscription: string, position: number): Promise<void> {
    checkCheckpoint(subscription, position);
    await patiently(() => this.#save.run(subscription, position));
  }
}

async function patiently<Result>(call: () => Result): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return call();
    } catch (error) {
      if (!isBusy(error) || attempt === BUSY_ATTEMPTS_MAX) throw storeUnavailable(error);
    }
    await wait(BUSY_PAUSE_MS);
  }
}
