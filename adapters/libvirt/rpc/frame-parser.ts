import { decodeFrameHeader, FRAME_HEADER_BYTES, FRAME_STATUS, FRAME_TYPE } from './frame.ts';
import type { ReceivedHeader } from './frame.ts';

/** Where parsed frames go, in the order of arrival. */
export interface FrameSink {
  /** A whole frame. An empty payload with status `continue` is the end of a download. */
  readonly frame: (header: ReceivedHeader, payload: Buffer) => void;
  /** Part of the data of a stream frame, handed on as it arrives so that bulk data is never assembled or copied. */
  readonly streamBytes: (header: ReceivedHeader, bytes: Buffer) => void;
}

const NO_PAYLOAD = Buffer.alloc(0);

/** Cuts a byte stream into frames. After a violation it must not be fed again. */
export class FrameParser {
  readonly #sink: FrameSink;
  readonly #partialHeader = Buffer.alloc(FRAME_HEADER_BYTES);
  #partialHeaderBytes = 0;
  #header: ReceivedHeader | null = null;
  #payloadLeft = 0;
  #assembled: Buffer | null = null;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Null, or why these bytes are not libvirt's protocol. Frames before the violation were delivered. */
  push(chunk: Buffer): string | null {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#header !== null) {
        offset = this.#takePayload(this.#header, chunk, offset);
        continue;
      }
      const taken = this.#takeHeader(chunk, offset);
      if (typeof taken === 'string') return taken;
      offset = taken;
    }
    return null;
  }

  #takeHeader(chunk: Buffer, offset: number): number | string {
    if (this.#partialHeaderBytes === 0 && chunk.length - offset >= FRAME_HEADER_BYTES) {
      return this.#begin(decodeFrameHeader(chunk, offset)) ?? offset + FRAME_HEADER_BYTES;
    }
    const copied = chunk.copy(this.#partialHeader, this.#partialHeaderBytes, offset);
    this.#partialHeaderBytes += copied;
    if (this.#partialHeaderBytes < FRAME_HEADER_BYTES) return offset + copied;
    this.#partialHeaderBytes = 0;
    return this.#begin(decodeFrameHeader(this.#partialHeader, 0)) ?? offset + copied;
  }

  #begin(header: ReceivedHeader | string): string | null {
    if (typeof header === 'string') return header;
    if (header.payloadBytes === 0) {
      this.#sink.frame(header, NO_PAYLOAD);
      return null;
    }
    this.#header = header;
    this.#payloadLeft = header.payloadBytes;
    return null;
  }

  #takePayload(header: ReceivedHeader, chunk: Buffer, offset: number): number {
    const end = Math.min(chunk.length, offset + this.#payloadLeft);
    const part = chunk.subarray(offset, end);
    this.#payloadLeft -= part.length;
    if (this.#payloadLeft === 0) this.#header = null;
    if (header.type === FRAME_TYPE.stream && header.status === FRAME_STATUS.continue) {
      this.#sink.streamBytes(header, part);
    } else {
      this.#assemble(header, part);
    }
    return end;
  }

  #assemble(header: ReceivedHeader, part: Buffer): void {
    if (part.length === header.payloadBytes) {
      this.#sink.frame(header, part);
      return;
    }
    this.#assembled ??= Buffer.allocUnsafeSlow(header.payloadBytes);
    const leftBefore = this.#payloadLeft + part.length;
    part.copy(this.#assembled, header.payloadBytes - leftBefore);
    if (this.#payloadLeft > 0) return;
    const payload = this.#assembled;
    this.#assembled = null;
    this.#sink.frame(header, payload);
  }
}
