import { requireDeadline } from './call-result.ts';
import type { RequestNotSent } from './errors.ts';
import type { FrameHeader } from './frame.ts';

/** The server reads no further request of a connection while five are being served (max_client_requests). */
export const REQUESTS_IN_FLIGHT_MAX = 5;
/** Requests that may wait for a slot; one more is refused at once. */
export const REQUESTS_QUEUED_MAX = 256;

/** How a request ended, told synchronously with the frame that ended it, so that what follows that frame finds its receiver. */
export type RequestEnd =
  | { readonly kind: 'reply'; readonly status: number; readonly payload: Buffer; readonly serial: number }
  | { readonly kind: 'notSent'; readonly error: RequestNotSent }
  | { readonly kind: 'unknown'; readonly reason: string };

/** One request; `send` writes it with the serial it was given. */
export interface Request {
  readonly program: number;
  readonly procedure: number;
  readonly deadlineMs: number;
  readonly send: (serial: number) => void;
  readonly ended: (end: RequestEnd) => void;
}

interface Entry {
  readonly request: Request;
  readonly timer: NodeJS.Timeout;
}

interface InFlight {
  readonly program: number;
  readonly procedure: number;
  /** Null once the deadline passed: the server still works on it, so the slot stays taken until its late reply. */
  entry: Entry | null;
}

const SERIAL_MAX = 0xffff_ffff;

/** Bounds what is in flight and what waits, and gives every request exactly one end. */
export class RequestSlots {
  readonly #inFlight = new Map<number, InFlight>();
  readonly #queue = new Set<Entry>();
  #lastSerial = 0;
  #closeReason: string | null = null;

  /** Requests whose deadline passed while the server still holds them; at `REQUESTS_IN_FLIGHT_MAX` nothing can be asked any more. */
  get abandonedCount(): number {
    return [...this.#inFlight.values()].filter(({ entry }) => entry === null).length;
  }

  start(request: Request): void {
    requireDeadline(request.deadlineMs);
    if (this.#closeReason !== null) {
      request.ended(notSent('CONNECTION_CLOSED', this.#closeReason));
    } else if (this.#inFlight.size < REQUESTS_IN_FLIGHT_MAX) {
      this.#send(this.#withDeadline(request));
    } else if (this.#queue.size < REQUESTS_QUEUED_MAX) {
      this.#queue.add(this.#withDeadline(request));
    } else {
      request.ended(notSent('QUEUE_FULL', `${REQUESTS_QUEUED_MAX} requests already wait on this connection`));
    }
  }

  /** Null, or why this reply is a violation. A reply nobody waits for any more is dropped. */
  reply({ program, procedure, serial, status }: FrameHeader, payload: Buffer): string | null {
    const inFlight = this.#inFlight.get(serial);
    if (inFlight === undefined) return null;
    if (inFlight.program !== program) return `reply of program ${program} to program ${inFlight.program}`;
    if (inFlight.procedure !== procedure) return `reply of procedure ${procedure} to procedure ${inFlight.procedure}`;
    this.#inFlight.delete(serial);
    const { entry } = inFlight;
    if (entry !== null) clearTimeout(entry.timer);
    this.#sendNext();
    entry?.request.ended({ kind: 'reply', status, payload, serial });
    return null;
  }

  /** Ends everything: what was sent is unknown, what waited was not sent. */
  close(reason: string): void {
    this.#closeReason = reason;
    const sent = [...this.#inFlight.values()].flatMap(({ entry }) => (entry === null ? [] : [entry]));
    const waiting = [...this.#queue];
    this.#inFlight.clear();
    this.#queue.clear();
    for (const { timer } of [...sent, ...waiting]) clearTimeout(timer);
    for (const { request } of sent) request.ended({ kind: 'unknown', reason: `connection lost: ${reason}` });
    for (const { request } of waiting) request.ended(notSent('CONNECTION_CLOSED', reason));
  }

  #withDeadline(request: Request): Entry {
    const entry: Entry = { request, timer: setTimeout(() => this.#expire(entry), request.deadlineMs) };
    return entry;
  }

  #expire(entry: Entry): void {
    const { deadlineMs, ended } = entry.request;
    if (this.#queue.delete(entry)) {
      ended(notSent('DEADLINE_BEFORE_SENDING', `no free slot within ${deadlineMs} ms`));
      return;
    }
    for (const inFlight of this.#inFlight.values()) {
      if (inFlight.entry === entry) inFlight.entry = null;
    }
    ended({ kind: 'unknown', reason: `no reply within ${deadlineMs} ms` });
  }

  #sendNext(): void {
    const [next] = this.#queue;
    if (next === undefined) return;
    this.#queue.delete(next);
    this.#send(next);
  }

  #send(entry: Entry): void {
    const serial = this.#nextSerial();
    const { program, procedure } = entry.request;
    this.#inFlight.set(serial, { program, procedure, entry });
    entry.request.send(serial);
  }

  #nextSerial(): number {
    do {
      this.#lastSerial = this.#lastSerial >= SERIAL_MAX ? 1 : this.#lastSerial + 1;
    } while (this.#inFlight.has(this.#lastSerial));
    return this.#lastSerial;
  }
}

function notSent(name: RequestNotSent['name'], message: string): RequestEnd {
  return { kind: 'notSent', error: { kind: 'notSent', name, message } };
}
