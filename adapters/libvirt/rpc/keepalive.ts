import { frameHeader, FRAME_STATUS, FRAME_TYPE, KEEPALIVE_PROGRAM } from './frame.ts';
import type { ReceivedHeader } from './frame.ts';
import type { FrameChannel } from './frame-channel.ts';

const PROCEDURE_PING = 1;
const PROCEDURE_PONG = 2;

export interface KeepaliveOptions {
  readonly intervalMs: number;
  /** Intervals of silence, each after a ping of ours, until the peer counts as dead. */
  readonly countMax: number;
}

/** Answers the server's pings and asks for signs of life itself, so that a dead peer is noticed without waiting for TCP. */
export class Keepalive {
  readonly #channel: FrameChannel;
  #timer: NodeJS.Timeout | null = null;
  #receivedBefore = 0;
  #silentIntervals = 0;

  constructor(channel: FrameChannel) {
    this.#channel = channel;
  }

  start({ intervalMs, countMax }: KeepaliveOptions): void {
    this.#receivedBefore = this.#channel.receivedCount;
    this.#timer = setInterval(() => this.#check(countMax), intervalMs);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** A keepalive frame of the server. */
  received(header: ReceivedHeader): void {
    if (header.procedure === PROCEDURE_PING) this.#channel.sendUnlessBacklogged(keepaliveFrame(PROCEDURE_PONG));
  }

  #check(countMax: number): void {
    const { receivedCount, isPaused } = this.#channel;
    // While a slow consumer keeps this side from reading, the peer cannot be heard; only its deadline ends that.
    this.#silentIntervals = isPaused || receivedCount !== this.#receivedBefore ? 0 : this.#silentIntervals + 1;
    this.#receivedBefore = receivedCount;
    if (this.#silentIntervals > countMax) {
      this.#channel.destroy('the peer answered no keepalive');
      return;
    }
    // Sent even while paused: it is what keeps the server from giving up on a side that does not read.
    this.#channel.sendUnlessBacklogged(keepaliveFrame(PROCEDURE_PING));
  }
}

function keepaliveFrame(procedure: number): Buffer {
  const header = {
    program: KEEPALIVE_PROGRAM,
    procedure,
    type: FRAME_TYPE.message,
    serial: 0,
    status: FRAME_STATUS.ok,
  };
  return frameHeader(header);
}
