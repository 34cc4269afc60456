import type { Writable } from 'node:stream';

/**
 * Lines for a reader that may be slow or go away. Nothing but what the stream itself buffers is held for a slow one; one
 * that has gone (`… | head`) is no failure but the end.
 */
export class LineOutput {
  readonly #stream: Writable;
  readonly #ended = new AbortController();
  readonly #end = Promise.withResolvers<void>();
  #failure: Error | null = null;
  #room: PromiseWithResolvers<void> | null = null;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('drain', () => this.#go());
    stream.on('error', (error) => {
      if (!('code' in error) || error.code !== 'EPIPE') this.#failure = error;
      this.#ended.abort();
      this.#end.resolve();
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

  /** True when every line has left this process, false when nobody reads any more. Throws when it cannot be written. */
  async flushed(): Promise<boolean> {
    if (!this.#ended.signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      this.#stream.write('', (error) => resolve(!(error instanceof Error)));
      if (await promise) return true;
      // The stream tells why in an event that comes after this answer.
      await this.#end.promise;
    }
    this.#check();
    return false;
  }

  #go(): void {
    this.#room?.resolve();
    this.#room = null;
  }

  #check(): void {
    if (this.#failure !== null) throw this.#failure;
  }
}
