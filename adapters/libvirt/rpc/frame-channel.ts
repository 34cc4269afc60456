import type { Socket } from 'node:net';

import { FrameParser } from './frame-parser.ts';
import type { FrameSink } from './frame-parser.ts';

/** How long a closing connection may take to flush its last frames before it is cut. */
const CLOSE_GRACE_MS = 1_000;
/** More unsent data than a full upload window means that the peer does not read. */
const BACKLOG_BYTES_MAX = 2_097_152;

/** Frames over one socket. It closes itself on garbage and never throws out of a socket event. */
export class FrameChannel {
  readonly #socket: Socket;
  readonly #closed: (reason: string) => void;
  readonly #pausedBy = new Set<object>();
  #closeReason: string | null = null;
  #receivedChunks = 0;

  /** `closed` is told once, with the first reason. */
  constructor(socket: Socket, sink: FrameSink, closed: (reason: string) => void) {
    this.#socket = socket;
    this.#closed = closed;
    const parser = new FrameParser(sink);
    socket.on('data', (chunk: Buffer) => {
      if (this.#closeReason !== null) return;
      this.#receivedChunks += 1;
      const violation = parser.push(chunk);
      if (violation !== null) this.destroy(`protocol violation: ${violation}`);
    });
    socket.on('error', (error) => this.destroy(`socket error: ${error.message}`));
    socket.on('end', () => this.destroy('the peer closed the connection'));
    socket.on('close', () => this.destroy('the socket was closed'));
    socket.resume();
  }

  /** Null while frames can be sent. */
  get closeReason(): string | null {
    return this.#closeReason;
  }

  /** Grows whenever anything arrives; two equal readings mean silence in between. */
  get receivedCount(): number {
    return this.#receivedChunks;
  }

  /** True while a slow consumer keeps this side from reading, so that silence says nothing about the peer. */
  get isPaused(): boolean {
    return this.#pausedBy.size > 0;
  }

  send(frame: Buffer): void {
    if (this.#closeReason === null) this.#socket.write(frame);
  }

  /** For answers that the peer asks for at its own pace: one that asks without reading must not fill this side's memory. */
  sendUnlessBacklogged(frame: Buffer): void {
    if (this.#socket.writableLength < BACKLOG_BYTES_MAX) this.send(frame);
  }

  /** One frame from several buffers in one system call; `flushed` tells when it has left this process. */
  sendPieces(pieces: readonly Buffer[], flushed: () => void): void {
    if (this.#closeReason !== null) return;
    this.#socket.cork();
    const last = pieces.length - 1;
    for (const [index, piece] of pieces.entries()) {
      if (index === last) this.#socket.write(piece, flushed);
      else this.#socket.write(piece);
    }
    this.#socket.uncork();
  }

  /** Stops reading until every consumer that paused has resumed; this stops every call on the connection too. */
  pause(consumer: object): void {
    this.#pausedBy.add(consumer);
    this.#socket.pause();
  }

  resume(consumer: object): void {
    if (this.#pausedBy.delete(consumer) && this.#pausedBy.size === 0) this.#socket.resume();
  }

  /** Cuts the connection at once. */
  destroy(reason: string): void {
    if (this.#closeReason !== null) return;
    this.#closeReason = reason;
    this.#socket.destroy();
    this.#closed(reason);
  }

  /** Sends `lastFrame` and closes; resolves when the socket is gone, at the latest after `CLOSE_GRACE_MS`. */
  end(lastFrame: Buffer, reason: string): Promise<void> {
    if (this.#closeReason !== null) return Promise.resolve();
    this.#closeReason = reason;
    const { promise, resolve } = Promise.withResolvers<void>();
    const grace = setTimeout(() => this.#socket.destroy(), CLOSE_GRACE_MS);
    this.#socket.once('close', () => {
      clearTimeout(grace);
      resolve();
    });
    this.#pausedBy.clear();
    this.#socket.resume();
    this.#socket.end(lastFrame);
    this.#closed(reason);
    return promise;
  }
}
