import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Image } from '../../application/ports/image-service.ts';

const PAGE_IMAGES = 2;
const DRIP_INTERVAL_MILLISECONDS = 50;
const TOKEN = 'a-token-for-tests';

/** What goes wrong with the next answers: `describe` is an image's JSON and the list, `data` its file. */
export type GlanceFault =
  | { readonly fault: 'status'; readonly on: 'describe' | 'data'; readonly status: number }
  /** The connection is accepted and nothing is ever answered. */
  | { readonly fault: 'silent'; readonly on: 'describe' | 'data' }
  /** Headers and some bytes, then nothing more, with the connection left open. */
  | { readonly fault: 'stalled'; readonly on: 'describe' | 'data' }
  /** A byte now and then, without end. */
  | { readonly fault: 'drip' }
  /** Every answer is complete, that much later. */
  | { readonly fault: 'slow'; readonly milliseconds: number }
  /** The connection is reset after half of the data. */
  | { readonly fault: 'cut' }
  /** Ends well, without a content length, after half of the data. */
  | { readonly fault: 'short' }
  /** Without a content length, one byte more than described. */
  | { readonly fault: 'long' }
  | { readonly fault: 'wrongHash' }
  | { readonly fault: 'noContent' }
  | { readonly fault: 'hugeJson' }
  | { readonly fault: 'json'; readonly body: string };

type Stored = {
  readonly image: Image;
  readonly data: Buffer | null;
  readonly described: Readonly<Record<string, unknown>>;
};

/** Enough of the Image API v2 for the client under test to be the real one: node:http, on a port of its own. */
export class GlanceProtocolServer {
  readonly token = TOKEN;
  /** Method and path with query of every request, in order. */
  readonly requests: string[] = [];
  readonly #server: Server;
  readonly #images = new Map<string, Stored>();
  readonly #digests = new WeakMap<Buffer, Map<string, string>>();
  readonly #waiting: (() => void)[] = [];
  #fault: GlanceFault | null = null;
  #openAnswers = 0;

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async start(): Promise<GlanceProtocolServer> {
    const started = new GlanceProtocolServer();
    await new Promise<void>((resolve) => started.#server.listen(0, '127.0.0.1', resolve));
    return started;
  }

  get endpoint(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the server is not listening');
    return `http://127.0.0.1:${address.port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  /** `described` adds or replaces keys of the JSON. */
  put(image: Image, data: Buffer | null, described: Readonly<Record<string, unknown>> = {}): void {
    this.#images.set(image.id, { image, data, described });
  }

  script(fault: GlanceFault | null): void {
    this.#fault = fault;
  }

  /** Resolves once no answer is under way; the caller's test has a deadline. */
  async allAnswersEnded(): Promise<void> {
    if (this.#openAnswers > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(`${request.method} ${request.url}`);
    this.#openAnswers += 1;
    response.once('close', () => {
      this.#openAnswers -= 1;
      if (this.#openAnswers === 0) for (const resolve of this.#waiting.splice(0)) resolve();
    });
    if (this.#fault?.fault === 'slow') setTimeout(() => this.#answerNow(request, response), this.#fault.milliseconds);
    else this.#answerNow(request, response);
  }

  #answerNow(request: IncomingMessage, response: ServerResponse): void {
    if (request.headers['x-auth-token'] !== TOKEN) return end(response, 401, '');
    const url = new URL(request.url ?? '/', 'http://glance.invalid');
    if (url.pathname === '/v2/images') return this.#describe(response, () => this.#page(url));
    const match = /^\/v2\/images\/([^/]+)(\/file)?$/.exec(url.pathname);
    const stored = this.#images.get(match?.[1] ?? '');
    if (stored === undefined) return end(response, 404, '');
    if (match?.[2] === undefined) return this.#describe(response, () => this.#json(stored));
    return this.#sendData(response, stored.data);
  }

  #describe(response: ServerResponse, body: () => unknown): void {
    const fault = this.#fault;
    if (fault?.fault === 'status' && fault.on === 'describe') return refuse(response, fault.status);
    if (fault?.fault === 'silent' && fault.on === 'describe') return;
    if (fault?.fault === 'hugeJson') return end(response, 200, `{"images": "${'x'.repeat(64 * 1024)}"}`);
    if (fault?.fault === 'json') return end(response, 200, fault.body);
    if (fault?.fault === 'stalled' && fault.on === 'describe') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{');
      return;
    }
    end(response, 200, JSON.stringify(body()));
  }

  #sendData(response: ServerResponse, data: Buffer | null): void {
    const fault = this.#fault;
    if (fault?.fault === 'status' && fault.on === 'data') return refuse(response, fault.status);
    if (fault?.fault === 'silent') return;
    if (data === null || fault?.fault === 'noContent') return end(response, 204, '');
    const half = data.subarray(0, Math.floor(data.byteLength / 2));
    if (fault?.fault === 'short') return sendUnannounced(response, half);
    if (fault?.fault === 'long') return sendUnannounced(response, Buffer.concat([data, Buffer.of(0)]));
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': data.byteLength });
    if (fault?.fault === 'stalled') return void response.write(half);
    if (fault?.fault === 'drip') return drip(response);
    if (fault?.fault === 'cut') return void response.write(half, () => response.destroy());
    response.end(data);
  }

  #page(url: URL): unknown {
    const stored = [...this.#images.values()];
    const marker = url.searchParams.get('marker');
    const first = marker === null ? 0 : stored.findIndex(({ image }) => image.id === marker) + 1;
    const page = stored.slice(first, first + PAGE_IMAGES);
    const last = page.at(-1);
    const more = last !== undefined && first + PAGE_IMAGES < stored.length;
    return {
      images: page.map((one) => this.#json(one)),
      ...(more ? { next: `/v2/images?marker=${last.image.id}` } : {}),
    };
  }

  /** Remembered: kernels are large, and described often. */
  #digest(algorithm: 'md5' | 'sha256', data: Buffer): string {
    const digests = this.#digests.get(data) ?? new Map<string, string>();
    this.#digests.set(data, digests);
    const digest = digests.get(algorithm) ?? createHash(algorithm).update(data).digest('hex');
    digests.set(algorithm, digest);
    return digest;
  }

  #json({ image, data, described }: Stored): Readonly<Record<string, unknown>> {
    const hashed = this.#fault?.fault === 'wrongHash' ? Buffer.from('something else') : data;
    return {
      ...image.properties,
      id: image.id,
      name: image.name,
      status: image.status,
      disk_format: image.diskFormat,
      container_format: image.containerFormat,
      size: data === null ? null : image.sizeBytes,
      checksum: hashed === null ? null : this.#digest('md5', hashed),
      os_hash_algo: hashed === null ? null : 'sha256',
      os_hash_value: hashed === null ? null : this.#digest('sha256', hashed),
      min_disk: image.minDiskGiB,
      min_ram: image.minRamMiB,
      visibility: image.visibility,
      created_at: image.createdAt,
      updated_at: image.updatedAt,
      protected: false,
      tags: ['rescue'],
      owner: 'admin',
      os_hidden: false,
      virtual_size: null,
      self: `/v2/images/${image.id}`,
      file: `/v2/images/${image.id}/file`,
      schema: '/v2/schemas/image',
      ...described,
    };
  }
}

function end(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}

function refuse(response: ServerResponse, status: number): void {
  if (status >= 300 && status < 400) response.setHeader('location', 'http://127.0.0.1:1/elsewhere');
  // A page of excuses that never ends: whoever was refused must close the connection.
  response.writeHead(status).write('<html>');
}

function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write('x'), DRIP_INTERVAL_MILLISECONDS);
  response.once('close', () => clearInterval(timer));
}

function sendUnannounced(response: ServerResponse, data: Buffer): void {
  response.writeHead(200, { 'content-type': 'application/octet-stream' });
  response.write(data);
  response.end();
}
