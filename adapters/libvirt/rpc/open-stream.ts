import type { CallResult } from './call-result.ts';
import { serverErrorCodec } from './errors.ts';
import type { StreamAborted } from './errors.ts';
import { encodeFrame, frameHeader, FRAME_STATUS, FRAME_TYPE, REMOTE_PROGRAM } from './frame.ts';
import type { FrameChannel } from './frame-channel.ts';
import { streamHoleCodec } from './stream-hole.ts';
import { XdrReader } from './xdr.ts';

/** What the owner of a stream is told, synchronously with the frame that caused it. */
export interface StreamListener {
  readonly data: (bytes: Buffer) => void;
  /** That many zeros, which a sparse file does not have (sparse downloads only). */
  readonly hole: (bytes: number) => void;
  /** The server has sent everything (downloads only). */
  readonly dataEnded: () => void;
  /** The one end of the stream. */
  readonly ended: (end: CallResult<null>) => void;
}

export interface StreamIdentity {
  readonly procedure: number;
  readonly serial: number;
  /** What is left of the deadline of the whole transfer. */
  readonly deadlineMs: number;
  /** Told before the listener: no frame belongs to it any more. */
  readonly closed: () => void;
}

/** A stream after the server agreed to it: sends its packets, and turns whatever happens first into its one end. */
export class OpenStream {
  readonly #channel: FrameChannel;
  readonly #identity: StreamIdentity;
  readonly #listener: StreamListener;
  readonly #timer: NodeJS.Timeout;
  #finishing = false;
  #end: CallResult<null> | null = null;

  constructor(channel: FrameChannel, identity: StreamIdentity, listener: StreamListener) {
    this.#channel = channel;
    this.#identity = identity;
    this.#listener = listener;
    this.#timer = setTimeout(() => {
      this.#sendControl(FRAME_STATUS.error);
      this.#settle({ outcome: 'unknown', reason: 'the transfer did not end before its deadline' });
    }, identity.deadlineMs);
  }

  get hasEnded(): boolean {
    return this.#end !== null;
  }

  sendData(pieces: readonly Buffer[], bytes: number, flushed: () => void): void {
    this.#channel.sendPieces([this.#header(FRAME_STATUS.continue, bytes), ...pieces], flushed);
  }

  /** Zeros that the server's file is to have without keeping them; only in a transfer that was opened as sparse. */
  sendHole(bytes: number): void {
    const { procedure, serial } = this.#identity;
    const header = { program: REMOTE_PROGRAM, procedure, type: FRAME_TYPE.hole, serial, status: FRAME_STATUS.continue };
    this.#channel.send(encodeFrame(header, streamHoleCodec, { length: BigInt(bytes), flags: 0 }));
  }

  /** Says that this side is done; the server's confirmation is the successful end. */
  finish(): void {
    this.#finishing = true;
    this.#sendControl(FRAME_STATUS.ok);
  }

  /** Gives the stream up; the server's answer to that is not waited for. */
  abort(name: StreamAborted['name'], message: string): void {
    if (this.#end !== null) return;
    this.#sendControl(FRAME_STATUS.error);
    this.#settle({ outcome: 'failed', error: { kind: 'aborted', name, message } });
  }

  received(bytes: Buffer): void {
    this.#listener.data(bytes);
  }

  receivedHole(bytes: number): void {
    this.#listener.hole(bytes);
  }

  /** A whole stream frame; null, or why it violates the protocol. */
  receivedFrame(status: number, payload: Buffer): string | null {
    if (status === FRAME_STATUS.error) {
      this.#settle({ outcome: 'failed', error: serverErrorCodec.decode(new XdrReader(payload)) });
    } else if (status === FRAME_STATUS.continue) {
      this.#listener.dataEnded();
    } else if (this.#finishing) {
      this.#settle({ outcome: 'succeeded', value: null });
    } else {
      return 'a stream was confirmed before it was finished';
    }
    return null;
  }

  connectionLost(reason: string): void {
    this.#settle({ outcome: 'unknown', reason: `connection lost: ${reason}` });
  }

  #settle(end: CallResult<null>): void {
    if (this.#end !== null) return;
    this.#end = end;
    clearTimeout(this.#timer);
    this.#identity.closed();
    this.#listener.ended(end);
  }

  #sendControl(status: number): void {
    this.#channel.send(this.#header(status, 0));
  }

  #header(status: number, payloadBytes: number): Buffer {
    const { procedure, serial } = this.#identity;
    return frameHeader({ program: REMOTE_PROGRAM, procedure, type: FRAME_TYPE.stream, serial, status }, payloadBytes);
  }
}
