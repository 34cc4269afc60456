/** Data bytes in one stream frame: what libvirt's own client sends (VIR_NET_MESSAGE_LEGACY_PAYLOAD_MAX). */
export const STREAM_DATA_BYTES_MAX = 262_120;
/** Up to here copying is cheaper than one more buffer in the system call. */
const COPIED_BYTES_MAX = 16_384;

export interface PackedData {
  readonly pieces: readonly Buffer[];
  readonly bytes: number;
}

/** Collects chunks of any size into full frames; large chunks are passed on without a copy. */
export class StreamPacker {
  #pieces: Buffer[] = [];
  #bytes = 0;
  #staging: Buffer | null = null;
  #stagingUsed = 0;
  #lastIsStaged = false;

  /** The frames that became full. They refer to the chunk's memory, which must not change any more. */
  *add(chunk: Uint8Array): Generator<PackedData> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let offset = 0; offset < bytes.length;) {
      const part = bytes.subarray(offset, offset + STREAM_DATA_BYTES_MAX - this.#bytes);
      offset += part.length;
      if (part.length > COPIED_BYTES_MAX) this.#refer(part);
      else this.#copy(part);
      if (this.#bytes === STREAM_DATA_BYTES_MAX) yield this.#take();
    }
  }

  /** What has not filled a frame. */
  rest(): PackedData | null {
    return this.#bytes === 0 ? null : this.#take();
  }

  #refer(part: Buffer): void {
    this.#pieces.push(part);
    this.#bytes += part.length;
    this.#lastIsStaged = false;
  }

  #copy(part: Buffer): void {
    this.#staging ??= Buffer.allocUnsafeSlow(STREAM_DATA_BYTES_MAX);
    const start = this.#stagingUsed;
    this.#stagingUsed += part.copy(this.#staging, start);
    const previous = this.#lastIsStaged ? this.#pieces.pop() : undefined;
    this.#pieces.push(this.#staging.subarray(start - (previous?.length ?? 0), this.#stagingUsed));
    this.#bytes += part.length;
    this.#lastIsStaged = true;
  }

  #take(): PackedData {
    const packed = { pieces: this.#pieces, bytes: this.#bytes };
    this.#pieces = [];
    this.#bytes = 0;
    // The frame may still be on its way out, so its memory is not used again.
    this.#staging = null;
    this.#stagingUsed = 0;
    this.#lastIsStaged = false;
    return packed;
  }
}
