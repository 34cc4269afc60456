import type { WriteStream } from 'node:tty';
import { LiveLine } from '../demo/live-line.ts';
import type { ClientVerdict } from './run-client-steps.ts';

const BAR_CHARACTERS = 30;

/** On standard error: a bar with the command that is being run; what is wrong stays there, as soon as it is known. */
export class ClientProgress {
  readonly #line: LiveLine;
  readonly #stream: WriteStream;
  readonly #total: number;
  #judged = 0;

  constructor(stream: WriteStream, total: number) {
    this.#stream = stream;
    this.#line = new LiveLine(stream);
    this.#total = total;
    this.#line.start(`${total} commands`);
  }

  begun(chain: string, command: string): void {
    const filled = Math.round((this.#judged / this.#total) * BAR_CHARACTERS);
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_CHARACTERS - filled);
    this.#line.update(`${bar} ${this.#judged}/${this.#total}  ${chain}: ${command}`);
  }

  judged({ chain, command, problem }: ClientVerdict): void {
    this.#judged += 1;
    if (problem !== null) this.#stream.write(`${this.#line.live ? '\r\u001b[2K' : ''}WRONG  ${chain}: ${command}\n`);
  }

  end(): void {
    this.#line.stop();
  }
}
