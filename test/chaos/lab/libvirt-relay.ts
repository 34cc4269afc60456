import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { FRAME_HEADER_BYTES, FRAME_TYPE, REMOTE_PROGRAM } from '../../../adapters/libvirt/rpc/frame.ts';

export type RelayedFrame = {
  readonly from: 'lifeboat' | 'libvirtd';
  readonly kind: 'call' | 'reply' | 'other';
  readonly procedure: number;
  /** Of a reply: the call succeeded. */
  readonly ok: boolean;
  readonly payload: Buffer;
};

type Watcher = { readonly wanted: (frame: RelayedFrame) => boolean; readonly seen: (frame: RelayedFrame) => void };

/**
 * Stands between Lifeboat and one libvirtd and passes on whole frames: so a test sees from outside what is going on,
 * and can lose an answer on its way. While libvirtd cannot be reached, whoever connects is sent away.
 */
export class LibvirtRelay {
  readonly path: string;
  /** Answers and events of libvirtd are lost; what Lifeboat sends arrives. */
  losesReplies = false;
  /** Awaited before a frame of Lifeboat is passed on. */
  holdCall: ((frame: RelayedFrame) => Promise<void>) | null = null;
  readonly #server: Server;
  readonly #upstream: string;
  readonly #sockets = new Set<Socket>();
  readonly #watchers = new Set<Watcher>();

  private constructor(path: string, upstream: string) {
    this.path = path;
    this.#upstream = upstream;
    this.#server = createServer((client) => this.#join(client));
  }

  static async start(path: string, upstream: string): Promise<LibvirtRelay> {
    const relay = new LibvirtRelay(path, upstream);
    relay.#server.listen(path);
    await once(relay.#server, 'listening');
    return relay;
  }

  /** The next frame of that kind. Never resolves when none comes: race it, and `forget` it with the signal. */
  next(wanted: (frame: RelayedFrame) => boolean, signal: AbortSignal): Promise<RelayedFrame> {
    return new Promise((resolve) => {
      const watcher: Watcher = {
        wanted,
        seen: (frame) => {
          this.#watchers.delete(watcher);
          resolve(frame);
        },
      };
      this.#watchers.add(watcher);
      signal.addEventListener('abort', () => this.#watchers.delete(watcher), { once: true });
    });
  }

  /** Breaks every connection, as a peer that resets them. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.cut();
    await rm(this.path, { force: true });
  }

  #join(client: Socket): void {
    const daemon = createConnection(this.#upstream);
    for (const socket of [client, daemon]) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        daemon.destroy();
      });
    }
    void this.#pump(client, daemon, 'lifeboat');
    void this.#pump(daemon, client, 'libvirtd');
  }

  async #pump(source: Socket, target: Socket, from: RelayedFrame['from']): Promise<void> {
    let rest: Buffer = Buffer.alloc(0);
    try {
      for await (const chunk of source) {
        rest = Buffer.concat([rest, chunk]);
        for (let frame = firstFrame(rest); frame !== null; frame = firstFrame(rest)) {
          rest = rest.subarray(frame.length);
          await this.#passOn(frame, target, from);
        }
      }
    } catch {
      // A connection that broke ends here, and with it its other half.
    }
    source.destroy();
  }

  async #passOn(bytes: Buffer, target: Socket, from: RelayedFrame['from']): Promise<void> {
    const frame = described(bytes, from);
    if (frame !== null) {
      for (const watcher of this.#watchers) if (watcher.wanted(frame)) watcher.seen(frame);
      if (from === 'lifeboat' && this.holdCall !== null) await this.holdCall(frame);
    }
    if (from === 'libvirtd' && this.losesReplies) return;
    if (!target.write(bytes)) await once(target, 'drain');
  }
}

function firstFrame(bytes: Buffer): Buffer | null {
  if (bytes.length < FRAME_HEADER_BYTES) return null;
  const length = bytes.readUInt32BE(0);
  return bytes.length < length ? null : bytes.subarray(0, length);
}

/** Null for a sign of life. */
function described(bytes: Buffer, from: RelayedFrame['from']): RelayedFrame | null {
  if (bytes.readUInt32BE(4) !== REMOTE_PROGRAM) return null;
  const type = bytes.readUInt32BE(16);
  return {
    from,
    kind: type === FRAME_TYPE.call ? 'call' : type === FRAME_TYPE.reply ? 'reply' : 'other',
    procedure: bytes.readInt32BE(12),
    ok: bytes.readUInt32BE(24) === 0,
    payload: bytes.subarray(FRAME_HEADER_BYTES),
  };
}
