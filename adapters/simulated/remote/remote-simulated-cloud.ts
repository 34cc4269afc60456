import { connect, type Socket } from 'node:net';
import type { ArtifactTransfer } from '../../../application/ports/artifact-transfer.ts';
import type { HypervisorDriver, MigrationListener } from '../../../application/ports/hypervisor-driver.ts';
import type { ImageService, ImageUploads } from '../../../application/ports/image-service.ts';
import { failed, unknown } from '../../../domain/shared/outcome.ts';
import { JsonLines } from './json-lines.ts';
import {
  isContent,
  packContent,
  parcel,
  unpackContent,
  type ClientMessage,
  type ServerMessage,
} from './simulated-cloud-protocol.ts';

type Waiting = { readonly ended: (value: unknown) => void; readonly listener: MigrationListener | null };

const UPLOADS = 'uploads.';
const CLOSED = 'internal error: client socket is closed';
const LOST = unknown(CLOSED);
const NOT_SENT = failed('nothing is sent while this process may have lost its work to another one');

/** The connection of one process to a simulated cloud that several share; made when it is needed, and anew when it broke. */
export class RemoteSimulatedCloud {
  readonly #path: string;
  readonly #name: string;
  readonly #mayAct: () => boolean;
  readonly #waiting = new Map<number, Waiting>();
  #socket: Socket | null = null;
  #lines: JsonLines | null = null;
  #calls = 0;

  /** `mayAct` is asked in the moment in which a call is sent. */
  constructor({
    path,
    name,
    mayAct,
  }: {
    readonly path: string;
    readonly name: string;
    readonly mayAct: () => boolean;
  }) {
    this.#path = path;
    this.#name = name;
    this.#mayAct = mayAct;
  }

  close(): Promise<void> {
    this.#socket?.destroy();
    return Promise.resolve();
  }

  /** The driver of a host; `local` answers what is asked without waiting. */
  driver(local: HypervisorDriver): HypervisorDriver {
    const { host } = local;
    const parts: ReadonlySet<PropertyKey> = new Set(['coldMigrations', 'snapshots']);
    return new Proxy(local, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key, target);
        if (key === 'close') return () => this.close();
        if (parts.has(key) && member !== null) return this.#remote(host, `${String(key)}.`);
        if (typeof member !== 'function') return member;
        if (ANSWERS_AT_ONCE.has(key)) return member.bind(target);
        return (...args: readonly unknown[]) => this.#call(host, String(key), args);
      },
    });
  }

  transfer(): ArtifactTransfer {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return this.#remote('transfer', '') as ArtifactTransfer;
  }

  images(): ImageService {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const images = this.#remote('images', '') as Omit<ImageService, 'uploads'>;
    return {
      show: (id) => images.show(id),
      list: () => images.list(),
      fetch: (id) => images.fetch(id),
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      uploads: this.#remote('images', UPLOADS) as ImageUploads,
    };
  }

  // Every method of such a port is a call; the type says which there are.
  #remote(target: string, prefix: string): object {
    const call = (_: object, key: string | symbol) =>
      typeof key === 'string' && key !== 'then'
        ? (...args: readonly unknown[]) => this.#call(target, `${prefix}${key}`, args)
        : undefined;
    return new Proxy({}, { get: call });
  }

  async #call(target: string, method: string, args: readonly unknown[]): Promise<unknown> {
    const listener = args.find(isListener) ?? null;
    let packed: readonly unknown[] = [];
    try {
      packed = await Promise.all(args.map(packedArgument));
    } catch (error) {
      return failed(`the source broke off: ${error instanceof Error ? error.message : String(error)}`);
    }
    const isImages = target === 'images';
    if (!isImages && !this.#mayAct()) return NOT_SENT;
    const answer = await this.#sent({ target, method, args: [...packed] }, listener);
    // The image service and the transfer have answers of their own for what did not come.
    const tellsOutcome = method !== 'open' && (!isImages || method.startsWith(UPLOADS));
    if (answer === LOST && !tellsOutcome) return { answer: 'failed', reason: CLOSED };
    return answer;
  }

  #sent(
    call: { readonly target: string; readonly method: string; readonly args: unknown[] },
    listener: MigrationListener | null,
  ): Promise<unknown> {
    return new Promise((resolve) => {
      this.#calls += 1;
      this.#waiting.set(this.#calls, { ended: resolve, listener });
      this.#send({ call: this.#calls, ...call });
    });
  }

  #send(message: ClientMessage): void {
    if (this.#socket === null || this.#lines === null) this.#connect();
    this.#lines?.send(message);
  }

  #connect(): void {
    const socket = connect(this.#path);
    this.#socket = socket;
    // The cloud sends what the port's types say: both ends are one program.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    this.#lines = new JsonLines(socket, (message) => this.#received(message as ServerMessage));
    socket.once('close', () => {
      if (this.#socket === socket) this.#socket = null;
      for (const [call, { ended }] of this.#waiting) {
        this.#waiting.delete(call);
        ended(LOST);
      }
    });
    this.#lines.send({ hello: this.#name });
  }

  #received(message: ServerMessage): void {
    if ('ping' in message) this.#send({ pong: message.ping });
    else if ('phase' in message) void this.#phaseReached(message);
    else if ('progress' in message) this.#waiting.get(message.call)?.listener?.progressed(message.progress);
    else if ('result' in message) this.#ended(message.result, unpacked(message.value));
    else this.#ended(message.failure, failed(message.reason));
  }

  async #phaseReached({ phase, call, ask }: Extract<ServerMessage, { readonly ask: number }>): Promise<void> {
    try {
      await this.#waiting.get(call)?.listener?.phaseReached(phase);
      this.#send({ answer: ask, refusal: this.#mayAct() ? null : NOT_SENT.outcome });
    } catch (error) {
      this.#send({ answer: ask, refusal: error instanceof Error ? error.message : String(error) });
    }
  }

  #ended(call: number, value: unknown): void {
    this.#waiting.get(call)?.ended(value);
    this.#waiting.delete(call);
  }
}

/** Of a driver: what depends on its host's configuration alone. */
const ANSWERS_AT_ONCE: ReadonlySet<PropertyKey> = new Set(['capabilities', 'definitionHere']);

const isListener = (value: unknown): value is MigrationListener =>
  typeof value === 'object' && value !== null && 'phaseReached' in value;

async function packedArgument(arg: unknown): Promise<unknown> {
  if (typeof arg !== 'object' || arg === null) return arg;
  if (isListener(arg)) return { parcel: 'listener' };
  if ('host' in arg && 'ping' in arg) return { parcel: 'driver', host: arg.host };
  return isContent(arg) ? packContent(arg) : arg;
}

function unpacked(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([key, member]: [string, unknown]) => {
    const parsed = parcel.safeParse(member);
    return parsed.success && parsed.data.parcel === 'content' ? [key, unpackContent(parsed.data)] : [key, member];
  });
  return Object.fromEntries(entries);
}
