import type { CheckpointStore } from '../../application/ports/checkpoint-store.ts';
import { checkCheckpoint } from './checked-checkpoint.ts';

export class MemoryCheckpointStore implements CheckpointStore {
  readonly #positions = new Map<string, number>();

  async load(subscription: string): Promise<number> {
    return this.#positions.get(subscription) ?? 0;
  }

  async save(subscription: string, position: number): Promise<void> {
    checkCheckpoint(subscription, position);
    this.#positions.set(subscription, position);
  }
}
