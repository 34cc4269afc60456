import { access, constants, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CheckpointStore } from '../../application/ports/checkpoint-store.ts';
import { failureSentence } from '../system/failure-sentence.ts';

/** One consumer's checkpoint in a file of its own: the position as text, which may be read and changed by hand. */
export class CheckpointFile implements CheckpointStore {
  readonly #path: string;
  readonly #first: number;

  /** `first`: where to begin while the file does not exist. */
  constructor(path: string, first: number) {
    this.#path = path;
    this.#first = first;
  }

  /** Throws, with what to do, for a file that holds something else, and for one that could not be saved later. */
  async load(): Promise<number> {
    const directory = dirname(this.#path);
    // Saving replaces the file, so it is the directory that has to be writable.
    await access(directory, constants.W_OK | constants.X_OK).catch((error: unknown) => {
      throw new Error(`${this.#path} cannot be kept there: ${failureSentence(error)}`, { cause: error });
    });
    const text = await readFile(this.#path, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    });
    if (text === null) return this.#first;
    const position = /^\d{1,16}\n?$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(position)) return position;
    throw new Error(`${this.#path} holds no position: write one into it, or remove it to begin anew`);
  }

  /** Whole or not at all, also in a power cut. */
  async save(_consumer: string, position: number): Promise<void> {
    const unfinished = `${this.#path}.unfinished`;
    await writeFile(unfinished, `${position}\n`, { flush: true });
    await rename(unfinished, this.#path);
  }
}
