import type { CallResult } from './call-result.ts';
import type { FrameChannel } from './frame-channel.ts';
import type { OpenStream } from './open-stream.ts';
import { ZEROS } from './stream-hole.ts';
import type { Transferred } from './upload-stream.ts';

/** Above this much unread data the socket is not read; below the lower mark it is read again. */
const UNREAD_BYTES_HIGH = 1_048_576;
const UNREAD_BYTES_LOW = 262_144;
/** Counted for every chunk besides its bytes, so that a peer sending single bytes cannot fill the memory. */
const CHUNK_OVERHEAD_BYTES = 256;

type Interrupted = Exclude<CallResult<Transferred>, { outcome: 'succeeded' }>;

/** Thrown by the iteration of a download that did not end well: whoever copies it elsewhere must not take a part for the whole. */
export class DownloadInterrupted extends Error {
  override readonly name = 'DownloadInterrupted';
  readonly result: Interrupted;

  constructor(result: Interrupted) {
    super(result.outcome === 'failed' ? result.error.message : result.reason);
    this.result = result;
  }
}

/**
 * The data of a download, to be iterated once. Leaving the iteration early aborts the transfer. While the consumer is
 * slow the whole connection is not read, so downloads belong on a connection of their own.
 */
export class DownloadStream implements AsyncIterable<Uint8Array> {
  /** Never rejects. `bytes` counts what arrived. */
  readonly outcome: Promise<CallResult<Transferred>>;
  readonly #channel: FrameChannel;
  readonly #settle: (result: CallResult<Transferred>) => void;
  #stream: OpenStream | null = null;
  /** A number is a hole of so many bytes, which is read as zeros. */
  #unread: (Buffer | number)[] = [];
  #unreadBytes = 0;
  #bytes = 0;
  #result: CallResult<Transferred> | null = null;
  #stopped = false;
  #wake: () => void = () => {};

  constructor(channel: FrameChannel) {
    this.#channel = channel;
    const { promise, resolve } = Promise.withResolvers<CallResult<Transferred>>();
    this.outcome = promise;
    this.#settle = resolve;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: () => this.#next(), return: () => this.#stop() };
  }

  /** Told by the connection when the server agreed. */
  opened(stream: OpenStream): void {
    this.#stream = stream;
    if (this.#stopped) stream.abort('CONSUMER_STOPPED', 'the consumer left before the first byte');
  }

  data(bytes: Buffer): void {
    this.#unread.push(bytes);
    this.#bytes += bytes.length;
    this.#unreadBytes += bytes.length + CHUNK_OVERHEAD_BYTES;
    if (this.#unreadBytes > UNREAD_BYTES_HIGH) this.#channel.pause(this);
    this.#wake();
  }

  hole(bytes: number): void {
    this.#unread.push(bytes);
    this.#bytes += bytes;
    this.#unreadBytes += CHUNK_OVERHEAD_BYTES;
    this.#wake();
  }

  dataEnded(): void {
    this.#stream?.finish();
  }

  /** Told once, by the stream or by the call that should have opened it. */
  ended(end: CallResult<null>): void {
    const result: CallResult<Transferred> =
      end.outcome === 'succeeded' ? { outcome: 'succeeded', value: { bytes: this.#bytes } } : end;
    this.#result = result;
    this.#channel.resume(this);
    this.#settle(result);
    this.#wake();
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    for (;;) {
      if (this.#stopped) return { done: true, value: undefined };
      const result = this.#result;
      if (result !== null && result.outcome !== 'succeeded') throw new DownloadInterrupted(result);
      const chunk = this.#unread.shift();
      if (typeof chunk === 'number') return { done: false, value: this.#zeros(chunk) };
      if (chunk !== undefined) return { done: false, value: this.#consumed(chunk) };
      if (result !== null) return { done: true, value: undefined };
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #zeros(bytes: number): Buffer {
    if (bytes > ZEROS.length) this.#unread.unshift(bytes - ZEROS.length);
    else this.#releaseUnread(CHUNK_OVERHEAD_BYTES);
    return ZEROS.subarray(0, bytes);
  }

  #consumed(chunk: Buffer): Buffer {
    this.#releaseUnread(chunk.length + CHUNK_OVERHEAD_BYTES);
    return chunk;
  }

  #releaseUnread(bytes: number): void {
    this.#unreadBytes -= bytes;
    if (this.#unreadBytes < UNREAD_BYTES_LOW) this.#channel.resume(this);
  }

  #stop(): Promise<IteratorResult<Uint8Array>> {
    this.#stopped = true;
    this.#unread = [];
    this.#stream?.abort('CONSUMER_STOPPED', 'the consumer left before the end');
    this.#wake();
    return Promise.resolve({ done: true, value: undefined });
  }
}
