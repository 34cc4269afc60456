import type { Socket } from 'node:net';

import { decodeEnd, encodeCall } from './call-frames.ts';
import { requireDeadline, type CallOptions, type CallResult } from './call-result.ts';
import { DomainEventListeners } from './domain-event-listeners.ts';
import { DOMAIN_EVENT_KINDS, type DomainEventId, type DomainEvents } from './domain-events.ts';
import { DownloadStream } from './download-stream.ts';
import {
  frameHeader,
  FRAME_SERIAL_OFFSET,
  FRAME_STATUS,
  FRAME_TYPE,
  KEEPALIVE_PROGRAM,
  REMOTE_PROGRAM,
  type ReceivedHeader,
} from './frame.ts';
import { FrameChannel } from './frame-channel.ts';
import { openSession, type ConnectOptions, type ConnectResult } from './open-session.ts';
import { Keepalive, type KeepaliveOptions } from './keepalive.ts';
import { OpenStream, type StreamListener } from './open-stream.ts';
import { CONNECT_CLOSE, CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, type Procedure } from './procedures.ts';
import { RequestSlots, type RequestEnd } from './request-slots.ts';
import { streamFrameOf } from './stream-hole.ts';
import { StreamTable } from './stream-table.ts';
import type { LibvirtEndpoint } from './transport.ts';
import { UploadStream, type Transferred, type UploadOptions } from './upload-stream.ts';
import { XdrError } from './xdr.ts';

/**
 * One connection to a libvirt daemon. Results are values; only bugs throw. A long call or a transfer occupies the
 * connection (five requests at a time, one TCP stream), so control, long calls and transfers deserve one each.
 */
export class LibvirtConnection {
  readonly #channel: FrameChannel;
  readonly #mayAct: () => boolean;
  readonly #slots = new RequestSlots();
  readonly #keepalive: Keepalive;
  readonly #events = new DomainEventListeners();
  readonly #subscriptions = new Map<DomainEventId, Promise<CallResult<number>>>();
  readonly #streams = new StreamTable();
  readonly #closedListeners = new Set<(reason: string) => void>();

  private constructor(socket: Socket, mayAct: () => boolean) {
    this.#mayAct = mayAct;
    const sink = {
      frame: (header: ReceivedHeader, payload: Buffer) => this.#guarded(() => this.#receivedFrame(header, payload)),
      streamBytes: (header: ReceivedHeader, bytes: Buffer) =>
        this.#guarded(() => this.#streams.received(header.serial, { kind: 'data', payload: bytes })),
    };
    this.#channel = new FrameChannel(socket, sink, (reason) => this.#closed(reason));
    this.#keepalive = new Keepalive(this.#channel);
  }

  /** Connects, authenticates (the server must ask for nothing) and opens the hypervisor connection, all before the deadline. */
  static connect(endpoint: LibvirtEndpoint, options: ConnectOptions): Promise<ConnectResult<LibvirtConnection>> {
    return openSession(endpoint, options, (socket) => new LibvirtConnection(socket, options.mayAct ?? (() => true)));
  }

  get isOpen(): boolean {
    return this.#channel.closeReason === null;
  }

  /** Calls given up at their deadline that the server still works on; each keeps one of the five slots until its late reply. */
  get abandonedCalls(): number {
    return this.#slots.abandonedCount;
  }

  /** Asks for pings both ways; for `openSession`, once the server said that it supports them. */
  startKeepalive(options: KeepaliveOptions): void {
    this.#keepalive.start(options);
  }

  call<Args, Reply>(procedure: Procedure<Args, Reply>, args: Args, options: CallOptions): Promise<CallResult<Reply>> {
    return new Promise((resolve) => {
      this.#start(procedure, args, options, { ended: (end) => resolve(this.#resultOf(procedure, end)), sent: null });
    });
  }

  /**
   * Sends what `source` yields into the stream that `procedure` opens. Chunks are sent without a copy and must not be
   * changed once yielded. `failed` leaves whatever was written before on the server.
   */
  async upload<Args>(
    procedure: Procedure<Args, null>,
    args: Args,
    source: AsyncIterable<Uint8Array>,
    options: UploadOptions,
  ): Promise<CallResult<Transferred>> {
    const upload = new UploadStream(options.sparse ?? false);
    const opened = await new Promise<OpenStream | Exclude<CallResult<null>, { outcome: 'succeeded' }>>((resolve) => {
      this.#openStream({ procedure, args, options, listener: upload, opened: resolve, refused: resolve });
    });
    return opened instanceof OpenStream ? upload.run(opened, source) : upload.refused(source, opened);
  }

  /** Reads the stream that `procedure` opens; the deadline covers the whole transfer, the consumer's time included. */
  download<Args>(procedure: Procedure<Args, null>, args: Args, options: CallOptions): DownloadStream {
    const download = new DownloadStream(this.#channel);
    this.#openStream({
      procedure,
      args,
      options,
      listener: download,
      opened: (stream) => download.opened(stream),
      refused: (end) => download.ended(end),
    });
    return download;
  }

  /**
   * Listens to one kind of event of all domains; the value removes the listener. The server's subscription lives as long
   * as the connection. Events that happen while there is none are lost, never replayed.
   */
  async onDomainEvent<Id extends DomainEventId>(
    id: Id,
    listener: (event: DomainEvents[Id]) => void,
    options: CallOptions,
  ): Promise<CallResult<() => void>> {
    const remove = this.#events.add(id, listener);
    const subscription = this.#subscriptions.get(id) ?? this.#subscribe(id, options);
    const subscribed = await subscription;
    if (subscribed.outcome === 'succeeded') return { outcome: 'succeeded', value: remove };
    remove();
    if (this.#subscriptions.get(id) === subscription) this.#subscriptions.delete(id);
    return subscribed;
  }

  /** `listener` is told once why the connection ended; at once when it already has. Returns what removes it. */
  onClosed(listener: (reason: string) => void): () => void {
    const reason = this.#channel.closeReason;
    if (reason === null) this.#closedListeners.add(listener);
    else queueMicrotask(() => listener(reason));
    return () => this.#closedListeners.delete(listener);
  }

  /** Takes leave of the server; what is still in flight ends as unknown. */
  close(): Promise<void> {
    const header = { program: REMOTE_PROGRAM, procedure: CONNECT_CLOSE.number, type: FRAME_TYPE.call, serial: 0 };
    const frame = frameHeader({ ...header, status: FRAME_STATUS.ok });
    return this.#channel.end(frame, 'closed by this side');
  }

  /** Cuts the connection without a word, for a peer that cannot be used. */
  destroy(reason: string): void {
    this.#channel.destroy(reason);
  }

  #subscribe(id: DomainEventId, options: CallOptions): Promise<CallResult<number>> {
    const args = { eventId: DOMAIN_EVENT_KINDS[id].eventId, domain: null };
    const subscription = this.call(CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, args, options);
    this.#subscriptions.set(id, subscription);
    return subscription;
  }

  #start<Args, Reply>(
    procedure: Procedure<Args, Reply>,
    args: Args,
    { deadlineMs }: CallOptions,
    { ended, sent }: { readonly ended: (end: RequestEnd) => void; readonly sent: ((serial: number) => void) | null },
  ): void {
    requireDeadline(deadlineMs);
    const frame = encodeCall(procedure, args);
    if (!Buffer.isBuffer(frame)) return ended(frame);
    const send = (serial: number): void => {
      // A process that was stopped wakes up here, and whatever it was about to do is another one's business by now.
      if (!this.#mayAct()) return this.#channel.destroy('this process may have lost its work to another one');
      frame.writeUInt32BE(serial, FRAME_SERIAL_OFFSET);
      sent?.(serial);
      this.#channel.send(frame);
    };
    const { program, number } = procedure;
    this.#slots.start({ program, procedure: number, deadlineMs, send, ended });
  }

  #openStream<Args>(stream: {
    readonly procedure: Procedure<Args, null>;
    readonly args: Args;
    readonly options: CallOptions;
    readonly listener: StreamListener;
    readonly opened: (stream: OpenStream) => void;
    readonly refused: (end: Exclude<CallResult<null>, { outcome: 'succeeded' }>) => void;
  }): void {
    const { procedure, args, options, listener } = stream;
    const startedAt = performance.now();
    let expected = 0;
    const sent = (serial: number): void => {
      expected = serial;
      this.#streams.expect(serial);
    };
    const ended = (end: RequestEnd): void => {
      const result = this.#resultOf(procedure, end);
      if (result.outcome !== 'succeeded') {
        this.#streams.forget(expected);
        return stream.refused(result);
      }
      if (end.kind !== 'reply') return;
      const { serial } = end;
      const deadlineMs = Math.max(1, options.deadlineMs - (performance.now() - startedAt));
      const closed = (): void => this.#streams.close(serial);
      const open = new OpenStream(this.#channel, { procedure: procedure.number, serial, deadlineMs, closed }, listener);
      stream.opened(open);
      this.#streams.open(serial, open);
    };
    this.#start(procedure, args, options, { ended, sent });
  }

  #resultOf<Args, Reply>(procedure: Procedure<Args, Reply>, end: RequestEnd): CallResult<Reply> {
    const result = decodeEnd(procedure, end);
    if (result.outcome !== 'malformed') return result;
    this.#channel.destroy(result.reason);
    return { outcome: 'unknown', reason: result.reason };
  }

  #receivedFrame(header: ReceivedHeader, payload: Buffer): string | null {
    const { program, procedure, type, serial } = header;
    if (program === KEEPALIVE_PROGRAM) {
      this.#keepalive.received(header);
      return null;
    }
    if (type === FRAME_TYPE.reply) return this.#slots.reply(header, payload);
    if (type === FRAME_TYPE.stream || type === FRAME_TYPE.hole) {
      return this.#streams.received(serial, streamFrameOf(header, payload));
    }
    this.#events.received(procedure, payload);
    return null;
  }

  #guarded(receive: () => string | null): void {
    if (!this.isOpen) return;
    try {
      const violation = receive();
      if (violation !== null) this.#channel.destroy(`protocol violation: ${violation}`);
    } catch (error) {
      if (!(error instanceof XdrError)) throw error;
      this.#channel.destroy(`malformed frame: ${error.message}`);
    }
  }

  #closed(reason: string): void {
    this.#keepalive.stop();
    this.#slots.close(reason);
    this.#streams.connectionLost(reason);
    for (const listener of this.#closedListeners) queueMicrotask(() => listener(reason));
    this.#closedListeners.clear();
  }
}
