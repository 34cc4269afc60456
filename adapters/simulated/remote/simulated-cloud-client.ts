import type { Socket } from 'node:net';
import type { ArtifactTransfer } from '../../../application/ports/artifact-transfer.ts';
import type { HypervisorDriver, MigrationListener } from '../../../application/ports/hypervisor-driver.ts';
import type { ImageService } from '../../../application/ports/image-service.ts';
import { JsonLines } from './json-lines.ts';
import {
  clientMessage,
  isContent,
  packContent,
  parcel,
  unpackContent,
  type ClientMessage,
  type SeenCall,
  type ServerMessage,
} from './simulated-cloud-protocol.ts';

type Served = {
  readonly driver: (host: string) => HypervisorDriver | null;
  readonly transfer: ArtifactTransfer;
  readonly images: ImageService;
};

type Call = Extract<ClientMessage, { readonly call: number }>;

/** One process that uses the simulated cloud, as the cloud sees it. */
export class SimulatedCloudClient {
  readonly #socket: Socket;
  readonly #served: Served;
  readonly #onCall: (call: SeenCall) => void;
  readonly #lines: JsonLines;
  readonly #asked = new Map<number, (refusal: string | null) => void>();
  #process = '';
  #asks = 0;
  #unanswered = 0;

  constructor(socket: Socket, served: Served, onCall: (call: SeenCall) => void) {
    this.#socket = socket;
    this.#served = served;
    this.#onCall = onCall;
    this.#lines = new JsonLines(socket, (message) => this.#received(message));
  }

  /** Asks for a sign of life, and cuts the connection when too many have failed to come. */
  pulse(missedMax: number): void {
    if (this.#unanswered >= missedMax) return void this.#socket.destroy();
    this.#unanswered += 1;
    this.#send({ ping: this.#unanswered });
  }

  /** Whoever waits for its word waits in vain. */
  gone(): void {
    for (const answered of this.#asked.values()) answered('internal error: client socket is closed');
    this.#asked.clear();
  }

  #send(message: ServerMessage): void {
    this.#lines.send(message);
  }

  #received(received: unknown): void {
    const parsed = clientMessage.safeParse(received);
    if (!parsed.success) return void this.#socket.destroy();
    const message = parsed.data;
    if ('hello' in message) this.#process = message.hello;
    else if ('pong' in message) this.#unanswered = 0;
    else if ('answer' in message) this.#answered(message.answer, message.refusal);
    else void this.#perform(message);
  }

  #answered(ask: number, refusal: string | null): void {
    this.#asked.get(ask)?.(refusal);
    this.#asked.delete(ask);
  }

  async #perform(call: Call): Promise<void> {
    try {
      const { target, method, args } = call;
      this.#onCall({ process: this.#process, target, method, args });
      this.#send({ result: call.call, value: await this.#value(call) });
    } catch (error) {
      this.#send({ failure: call.call, reason: error instanceof Error ? error.message : String(error) });
    }
  }

  async #value({ call, target, method, args }: Call): Promise<unknown> {
    const { driver, images, transfer } = this.#served;
    const named: unknown = target === 'transfer' ? transfer : target === 'images' ? images : driver(target);
    const steps = method.split('.');
    const name = steps.pop() ?? '';
    // `snapshots.snapshot` and the like are methods of a part of the driver.
    const owner = steps.reduce<unknown>(memberOf, named);
    const perform = memberOf(owner, name);
    if (typeof perform !== 'function') throw new Error(`the simulated cloud has no ${target} that can ${method}`);
    const value: unknown = await Reflect.apply(
      perform,
      owner,
      args.map((arg) => this.#unpacked(arg, call)),
    );
    return packed(value);
  }

  #unpacked(arg: unknown, call: number): unknown {
    const parsed = parcel.safeParse(arg);
    if (!parsed.success) return arg;
    if (parsed.data.parcel === 'driver') return this.#served.driver(parsed.data.host);
    return parsed.data.parcel === 'content' ? unpackContent(parsed.data) : this.#listener(call);
  }

  #listener(call: number): MigrationListener {
    return {
      phaseReached: (phase) =>
        new Promise((resolve, reject) => {
          this.#asks += 1;
          const ask = this.#asks;
          this.#asked.set(ask, (refusal) => (refusal === null ? resolve() : reject(new Error(refusal))));
          this.#send({ phase, call, ask });
          if (this.#socket.destroyed) this.gone();
        }),
      progressed: (progress) => this.#send({ progress, call }),
    };
  }
}

const memberOf = (owner: unknown, name: string): unknown =>
  typeof owner === 'object' && owner !== null ? Reflect.get(owner, name, owner) : undefined;

/** What is opened, or fetched, travels whole. */
async function packed(value: unknown): Promise<unknown> {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(async ([key, member]: [string, unknown]) =>
    isContent(member) ? ([key, await packContent(member)] as const) : ([key, member] as const),
  );
  return Array.isArray(value) ? value : Object.fromEntries(await Promise.all(entries));
}
