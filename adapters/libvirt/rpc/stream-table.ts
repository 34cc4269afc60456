import type { OpenStream } from './open-stream.ts';
import type { StreamFrame } from './stream-hole.ts';

/** What a stream may bring before its call is answered; libvirt's own window is one frame of 256 KiB. */
const EARLY_BYTES_MAX = 8_388_608;

/**
 * The streams of one connection by the serial of their call. libvirtd's event loop may send the first data of a download
 * before its worker thread has sent the reply, so frames of a call that is not answered yet are kept until it is.
 */
export class StreamTable {
  readonly #open = new Map<number, OpenStream>();
  readonly #early = new Map<number, StreamFrame[]>();
  #earlyBytes = 0;

  /** The call of a stream was sent under this serial. */
  expect(serial: number): void {
    this.#early.set(serial, []);
  }

  /** The call was refused, or nobody waits for its answer any more; what still comes is dropped. */
  forget(serial: number): readonly StreamFrame[] {
    const frames = this.#early.get(serial) ?? [];
    this.#early.delete(serial);
    this.#earlyBytes -= frames.reduce((sum, { payload }) => sum + payload.length, 0);
    return frames;
  }

  /** From here on frames go to the stream, those that came early first. */
  open(serial: number, stream: OpenStream): void {
    this.#open.set(serial, stream);
    for (const frame of this.forget(serial)) this.received(serial, frame);
  }

  close(serial: number): void {
    this.#open.delete(serial);
  }

  /** Null, or why the peer is not to be trusted any more. Frames of serials that nobody knows are dropped. */
  received(serial: number, frame: StreamFrame): string | null {
    const stream = this.#open.get(serial);
    if (stream === undefined) return this.#keep(serial, frame);
    if (frame.kind === 'control') return stream.receivedFrame(frame.status, frame.payload);
    if (frame.kind === 'hole') stream.receivedHole(frame.bytes);
    else stream.received(frame.payload);
    return null;
  }

  connectionLost(reason: string): void {
    for (const stream of this.#open.values()) stream.connectionLost(reason);
  }

  #keep(serial: number, frame: StreamFrame): string | null {
    const frames = this.#early.get(serial);
    if (frames === undefined) return null;
    this.#earlyBytes += frame.payload.length;
    if (this.#earlyBytes > EARLY_BYTES_MAX) return 'too much stream data before the reply';
    frames.push(frame);
    return null;
  }
}
