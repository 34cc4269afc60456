import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Codec } from '../../adapters/libvirt/rpc/codec.ts';
import { serverErrorCodec } from '../../adapters/libvirt/rpc/errors.ts';
import { XdrWriter } from '../../adapters/libvirt/rpc/xdr.ts';

const REMOTE = 0x2000_8086;
const KEEPALIVE = 0x6b65_6570;
const HEADER_BYTES = 28;
const REPLY = 1;
const MESSAGE = 2;
const STREAM = 3;
const OK = 0;
const ERROR = 1;
const CONTINUE = 2;

/** One frame as it came in; `payload` is raw XDR or stream data. */
export interface ReceivedFrame {
  readonly program: number;
  readonly procedure: number;
  readonly type: number;
  readonly serial: number;
  readonly status: number;
  readonly payload: Buffer;
}

/** What a test makes the server do when a call comes in; doing nothing is silence. */
export type CallHandler = (call: ReceivedFrame, peer: ProtocolPeer) => void;
type Waiter = { readonly matches: (frame: ReceivedFrame) => boolean; readonly resolve: (frame: ReceivedFrame) => void };

/** XDR of one value. */
export function xdr<Value>(codec: Codec<Value>, value: Value): Buffer {
  const writer = new XdrWriter();
  codec.encode(writer, value);
  return Buffer.from(writer.bytes());
}

/** The server's side of one connection. Frames are laid out here by hand, so that the client's own framing is not its oracle. */
export class ProtocolPeer {
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  reply(call: ReceivedFrame, payload: Buffer = Buffer.alloc(0)): void {
    this.frame(call.program, call, [REPLY, OK], payload);
  }

  replyError(call: ReceivedFrame, code: number, message: string): void {
    this.frame(call.program, call, [REPLY, ERROR], errorPayload(code, message));
  }

  streamData(call: ReceivedFrame, data: Buffer): void {
    this.frame(REMOTE, call, [STREAM, CONTINUE], data);
  }

  streamFinished(call: ReceivedFrame): void {
    this.frame(REMOTE, call, [STREAM, OK], Buffer.alloc(0));
  }

  streamError(call: ReceivedFrame, code: number, message: string): void {
    this.frame(REMOTE, call, [STREAM, ERROR], errorPayload(code, message));
  }

  event(procedure: number, payload: Buffer): void {
    this.frame(REMOTE, { procedure, serial: 0 }, [MESSAGE, OK], payload);
  }

  ping(): void {
    this.frame(KEEPALIVE, { procedure: 1, serial: 0 }, [MESSAGE, OK], Buffer.alloc(0));
  }

  pong(): void {
    this.frame(KEEPALIVE, { procedure: 2, serial: 0 }, [MESSAGE, OK], Buffer.alloc(0));
  }

  cut(): void {
    this.socket.destroy();
  }

  frame(
    program: number,
    { procedure, serial }: Pick<ReceivedFrame, 'procedure' | 'serial'>,
    [type, status]: readonly [type: number, status: number],
    payload: Buffer,
  ): void {
    const header = Buffer.alloc(HEADER_BYTES);
    const words = [HEADER_BYTES + payload.length, program, 1, procedure, type, serial, status];
    for (const [index, word] of words.entries()) header.writeUInt32BE(word, index * 4);
    this.socket.write(Buffer.concat([header, payload]));
  }
}

function errorPayload(code: number, message: string): Buffer {
  const rest = { domain: 10, level: 2, str1: 'first', str2: null, str3: null, int1: -1, int2: 7 };
  return xdr(serverErrorCodec, { kind: 'server', name: 'VIR_ERR_UNLISTED', code, message, ...rest });
}

/** A libvirt daemon reduced to its protocol: it greets properly, and every further answer is the test's. */
export class LibvirtProtocolServer {
  readonly endpoint: { readonly kind: 'unix'; readonly path: string };
  /** Everything received, in order. */
  readonly frames: ReceivedFrame[] = [];
  readonly #server: Server;
  readonly #directory: string;
  readonly #sockets = new Set<Socket>();
  readonly #waiters = new Set<Waiter>();
  /** AUTH_LIST offers only "none"; CONNECT_OPEN succeeds; every feature is supported. */
  readonly #handlers = new Map<string, CallHandler>([
    [handlerKey(REMOTE, 66), (call, peer) => peer.reply(call, Buffer.from('0000000100000000', 'hex'))],
    [handlerKey(REMOTE, 1), (call, peer) => peer.reply(call)],
    [handlerKey(REMOTE, 60), (call, peer) => peer.reply(call, Buffer.from('00000001', 'hex'))],
    [handlerKey(REMOTE, 2), (_call, peer) => peer.socket.end()],
  ]);
  #answersPings = true;

  private constructor(server: Server, directory: string) {
    this.#server = server;
    this.#directory = directory;
    this.endpoint = { kind: 'unix', path: join(directory, 'libvirt-sock') };
    server.on('connection', (socket) => this.#accept(socket));
  }

  static async start(): Promise<LibvirtProtocolServer> {
    const directory = await mkdtemp(join(tmpdir(), 'lifeboat-rpc-'));
    const server = new LibvirtProtocolServer(createServer(), directory);
    await new Promise<void>((resolve) => server.#server.listen(server.endpoint.path, resolve));
    return server;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#directory, { recursive: true });
  }

  on({ program, number }: { readonly program: number; readonly number: number }, handler: CallHandler): void {
    this.#handlers.set(handlerKey(program, number), handler);
  }

  ignorePings(): void {
    this.#answersPings = false;
  }

  /** After a handler paused its socket. */
  resumeReading(): void {
    for (const socket of this.#sockets) socket.resume();
  }

  /** The first frame that matches, received before or after. */
  received(matches: (frame: ReceivedFrame) => boolean): Promise<ReceivedFrame> {
    const already = this.frames.find(matches);
    if (already !== undefined) return Promise.resolve(already);
    return new Promise((resolve) => this.#waiters.add({ matches, resolve }));
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    const peer = new ProtocolPeer(socket);
    let rest: Buffer = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= HEADER_BYTES && rest.length >= rest.readUInt32BE(0)) {
        const length = rest.readUInt32BE(0);
        this.#dispatch(parseFrame(rest.subarray(0, length)), peer);
        rest = rest.subarray(length);
      }
    });
  }

  #dispatch(frame: ReceivedFrame, peer: ProtocolPeer): void {
    this.frames.push(frame);
    for (const waiter of this.#waiters) {
      if (!waiter.matches(frame)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(frame);
    }
    if (frame.program === KEEPALIVE) {
      if (frame.procedure === 1 && this.#answersPings) peer.pong();
    } else if (frame.type === 0) {
      this.#handlers.get(handlerKey(frame.program, frame.procedure))?.(frame, peer);
    }
  }
}

const handlerKey = (program: number, procedure: number): string => `${program}/${procedure}`;

function parseFrame(bytes: Buffer): ReceivedFrame {
  return {
    program: bytes.readUInt32BE(4),
    procedure: bytes.readUInt32BE(12),
    type: bytes.readUInt32BE(16),
    serial: bytes.readUInt32BE(20),
    status: bytes.readUInt32BE(24),
    payload: bytes.subarray(HEADER_BYTES),
  };
}
