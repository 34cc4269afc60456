import type { CallOptions, CallResult } from './call-result.ts';
import type { OpenStream } from './open-stream.ts';
import { dataUntil, zerosUntil } from './stream-hole.ts';
import { StreamPacker } from './stream-packer.ts';
import type { PackedData } from './stream-packer.ts';

/** Frames handed to the socket and not yet out of this process: enough to read the source meanwhile, few enough to stay small. */
const UNFLUSHED_FRAMES_MAX = 4;

/** Bytes that crossed the connection. */
export interface Transferred {
  readonly bytes: number;
}

export type UploadOptions = CallOptions & {
  /** Runs of zeros are not sent but left out as holes; what is written to must read as zeros before. */
  readonly sparse?: boolean;
};

/** Sends what a source yields, no faster than the socket takes it. */
export class UploadStream {
  readonly #sparse: boolean;
  #stream: OpenStream | null = null;
  #end: CallResult<null> | null = null;
  #wake: () => void = () => {};
  #unflushed = 0;
  #bytes = 0;
  #holeBytes = 0;

  constructor(sparse: boolean) {
    this.#sparse = sparse;
  }

  /** Nothing comes down an upload but its end. */
  readonly data = (): void => {};
  readonly hole = (): void => {};
  readonly dataEnded = (): void => {};

  /** Told by the stream. */
  ended(end: CallResult<null>): void {
    this.#end = end;
    this.#wake();
  }

  /** Runs until the stream has ended; the source is always closed unless it ended by itself. */
  async run(stream: OpenStream, source: AsyncIterable<Uint8Array>): Promise<CallResult<Transferred>> {
    this.#stream = stream;
    const iterator = source[Symbol.asyncIterator]();
    const packer = new StreamPacker();
    const exhausted = await this.#pump(iterator, packer);
    if (exhausted) {
      await this.#flush(packer);
      this.#sendHole();
      stream.finish();
    } else {
      closeSource(iterator);
    }
    const end = await this.#untilEnded();
    return end.outcome === 'succeeded' ? { outcome: 'succeeded', value: { bytes: this.#bytes } } : end;
  }

  /** The stream never opened: the source is let go of unread. */
  refused<Refusal>(source: AsyncIterable<Uint8Array>, refusal: Refusal): Refusal {
    closeSource(source[Symbol.asyncIterator]());
    return refusal;
  }

  /** True when the source has yielded everything before the stream ended. */
  async #pump(iterator: AsyncIterator<Uint8Array>, packer: StreamPacker): Promise<boolean> {
    while (this.#end === null) {
      const next = await this.#nextOf(iterator);
      if (next === null) return false;
      if (next.done === true) return true;
      await this.#add(next.value, packer);
    }
    return false;
  }

  async #add(chunk: Uint8Array, packer: StreamPacker): Promise<void> {
    for (let offset = 0; offset < chunk.length;) {
      const zeros = this.#sparse ? zerosUntil(chunk, offset) : offset;
      if (zeros > offset) {
        await this.#flush(packer);
        this.#holeBytes += zeros - offset;
        offset = zeros;
        continue;
      }
      this.#sendHole();
      const end = this.#sparse ? dataUntil(chunk, offset) : chunk.length;
      for (const packed of packer.add(chunk.subarray(offset, end))) await this.#send(packed);
      offset = end;
    }
  }

  async #flush(packer: StreamPacker): Promise<void> {
    const rest = packer.rest();
    if (rest !== null) await this.#send(rest);
  }

  #sendHole(): void {
    if (this.#holeBytes === 0 || this.#end !== null) return;
    this.#stream?.sendHole(this.#holeBytes);
    this.#bytes += this.#holeBytes;
    this.#holeBytes = 0;
  }

  /** Null once the stream has ended, or because the source failed, which ends it. */
  async #nextOf(iterator: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array> | null> {
    try {
      return await this.#unlessEnded(iterator.next());
    } catch (error) {
      this.#stream?.abort('SOURCE_FAILED', error instanceof Error ? error.message : String(error));
      return null;
    }
  }

  async #send(packed: PackedData): Promise<void> {
    if (this.#end !== null) return;
    this.#unflushed += 1;
    this.#bytes += packed.bytes;
    this.#stream?.sendData(packed.pieces, packed.bytes, () => {
      this.#unflushed -= 1;
      this.#wake();
    });
    while (this.#unflushed >= UNFLUSHED_FRAMES_MAX && this.#end === null) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** A promise per wait: racing against one long-lived promise would collect a reaction for every chunk. */
  #unlessEnded<Value>(promise: Promise<Value>): Promise<Value | null> {
    if (this.#end !== null) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      this.#wake = () => {
        if (this.#end !== null) resolve(null);
      };
      promise.then(resolve, reject);
    });
  }

  async #untilEnded(): Promise<CallResult<null>> {
    while (this.#end === null) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#end;
  }
}

/** Lets go of a source that is not read to its end; not awaited, because a source stuck in a read never answers. */
function closeSource(iterator: AsyncIterator<Uint8Array>): void {
  void Promise.resolve(iterator.return?.()).catch(() => {});
}
