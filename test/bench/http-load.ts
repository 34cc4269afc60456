import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What one run of requests against one server was like. */
export type Load = {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of the server's process for one request. */
  readonly serverMicroseconds: number;
};

const END_OF_HEADERS = '\r\n\r\n';
const ANSWER_DEADLINE_MS = 30_000;

/** One keep-alive connection that asks, waits for the whole answer, and reads no more of it than its length. */
export class Connection {
  readonly #socket: Socket;
  #headers = '';
  #bytesLeft = -1;
  #status = 0;
  #answered: PromiseWithResolvers<number> | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setTimeout(ANSWER_DEADLINE_MS, () => socket.destroy(new Error('the server did not answer in time')));
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', (error) => this.#answered?.reject(error));
    socket.on('close', () => this.#answered?.reject(new Error('the server closed the connection')));
  }

  static async open(url: URL): Promise<Connection> {
    const socket = connect(Number(url.port), url.hostname);
    await once(socket, 'connect');
    return new Connection(socket);
  }

  /** Resolves with the status once the last byte of the body is here. */
  ask(request: Buffer): Promise<number> {
    this.#answered = Promise.withResolvers<number>();
    this.#socket.write(request);
    return this.#answered.promise;
  }

  close(): void {
    this.#answered = null;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    if (this.#bytesLeft === -1) {
      const end = chunk.indexOf(END_OF_HEADERS);
      this.#headers += chunk.toString('latin1', 0, end === -1 ? chunk.length : end);
      if (end === -1) return;
      this.#status = Number(this.#headers.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length));
      const length = /\r\ncontent-length: (\d+)/i.exec(this.#headers)?.[1];
      if (length === undefined) throw new Error(`an answer without a length: ${this.#headers}`);
      this.#bytesLeft = Number(length) - (chunk.length - end - END_OF_HEADERS.length);
    } else {
      this.#bytesLeft -= chunk.length;
    }
    if (this.#bytesLeft > 0) return;
    this.#bytesLeft = -1;
    this.#headers = '';
    const answered = this.#answered;
    this.#answered = null;
    answered?.resolve(this.#status);
  }
}

/** The bytes of a request. `headers` and `body` as a client of the Compute API sends them. */
export function requestBytes(
  method: 'GET' | 'POST',
  url: URL,
  headers: Readonly<Record<string, string>>,
  body = '',
): Buffer {
  const all = { host: url.host, ...headers, ...(body === '' ? {} : { 'content-length': Buffer.byteLength(body) }) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}

type Task = {
  readonly url: URL;
  readonly connections: number;
  /** The request of each turn; null ends the run. */
  readonly next: () => Buffer | null;
  readonly expectedStatus: number;
  readonly cpuMicroseconds: () => number;
};

/** Each connection asks again as soon as it is answered. Rejects at the first answer with another status. */
export async function load({ url, connections, next, expectedStatus, cpuMicroseconds }: Task): Promise<Load> {
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(url)));
  const latencies: number[] = [];
  const cpuBefore = cpuMicroseconds();
  const begin = performance.now();
  await Promise.all(
    open.map(async (connection) => {
      for (let request = next(); request !== null; request = next()) {
        const asked = performance.now();
        const status = await connection.ask(request);
        latencies.push(performance.now() - asked);
        if (status !== expectedStatus) throw new Error(`${url.href} was answered ${status}, not ${expectedStatus}`);
      }
      connection.close();
    }),
  );
  const seconds = (performance.now() - begin) / 1000;
  latencies.sort((one, other) => one - other);
  return {
    requests: latencies.length,
    requestsPerSecond: latencies.length / seconds,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    serverMicroseconds: (cpuMicroseconds() - cpuBefore) / latencies.length,
  };
}

const quantile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
