import type { Socket } from 'node:net';

/** A whole file of the simulated cloud travels in one line. */
const LINE_BYTES_MAX = 134_217_728;
const NEWLINE = 0x0a;

/** One JSON value a line in both directions. A line that is too long, or no JSON, ends the connection. */
export class JsonLines {
  readonly #socket: Socket;
  readonly #receive: (message: unknown) => void;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(socket: Socket, receive: (message: unknown) => void) {
    this.#socket = socket;
    this.#receive = receive;
    // Its close tells; an error that nobody listens to would end the process.
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
  }

  send(message: object): void {
    if (!this.#socket.destroyed) this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  #received(chunk: Buffer): void {
    for (let rest = chunk; ;) {
      const end = rest.indexOf(NEWLINE);
      const part = end === -1 ? rest : rest.subarray(0, end);
      this.#parts.push(part);
      this.#bytes += part.length;
      if (this.#bytes > LINE_BYTES_MAX) return void this.#socket.destroy();
      if (end === -1) return;
      const line = Buffer.concat(this.#parts).toString('utf8');
      this.#parts = [];
      this.#bytes = 0;
      rest = rest.subarray(end + 1);
      try {
        this.#receive(JSON.parse(line));
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        return void this.#socket.destroy();
      }
    }
  }
}
