import type { Writable } from 'node:stream';

/**
 * Lines for a reader that may be slow or go away. Nothing but what the stream itself buffers is held for a slow one; one
 * that has gone (`… | head`) is no failure but the end.
 */
export class LineOutput {
  readonly #stream: Writable;
  readonly #ended = new AbortController();
  #failure: Error | null = null;
  #room: PromiseWithResolvers<void> | null = null;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('drain', () => this.#go());
    stream.on('error', (error) => {
      if (!('code' in error) || error.code !== 'EPIPE') this.#failure = error;
      this.#ended.abort();
      this.#go();
    });
  }

  /** Aborts when nobody reads any more. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Resolves when there is room for more, or at once when nobody reads any more. Throws when it cannot be written. */
  async write(line: string): Promise<void> {
    if (this.#ended.signal.aborted || this.#stream.write(`${line}\n`)) return this.#check();
    this.#room ??= Promise.withResolvers<void>();
    await this.#room.promise;
    this.#check();
  }

  /** Resolves when every line has left this process; until then a checkpoint behind it would be a lie. */
  async flushed(): Promise<void> {
    if (!this.#ended.signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#stream.write('', () => resolve());
      await promise;
    }
    this.#check();
  }

  #go(): void {
    this.#room?.resolve();
    this.#room = null;
  }

  #check(): void {
    if (this.#failure !== null) throw this.#failure;
  }
}
