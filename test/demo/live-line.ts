import type { WriteStream } from 'node:tty';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_INTERVAL_MS = 100;
const MS_PER_SECOND = 1000;
const CLEAR_LINE = '\r\u001b[2K';
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';

/** One line that is drawn again and again on a terminal; anywhere else each change is a line of its own. */
export class LiveLine {
  /** Whether the stream is a terminal that can go back to the start of a line. */
  readonly live: boolean;
  readonly #stream: WriteStream;
  #timer: NodeJS.Timeout | null = null;
  #title = '';
  #text = '';
  #frame = 0;
  #startedAt = 0;

  constructor(stream: WriteStream) {
    this.#stream = stream;
    this.live = stream.isTTY && process.env['TERM'] !== 'dumb';
    if (this.live) process.once('exit', () => stream.write(SHOW_CURSOR));
  }

  start(title: string): void {
    this.stop();
    this.#title = title;
    this.#text = '';
    this.#startedAt = performance.now();
    if (!this.live) {
      this.#stream.write(`… ${title}\n`);
      return;
    }
    this.#stream.write(HIDE_CURSOR);
    this.#timer = setInterval(() => this.#draw(), FRAME_INTERVAL_MS);
    this.#draw();
  }

  update(text: string): void {
    if (text === this.#text) return;
    this.#text = text;
    if (this.live) this.#draw();
    else this.#stream.write(`      ${this.#seconds()}  ${text}\n`);
  }

  stop(): void {
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
    this.#stream.write(CLEAR_LINE + SHOW_CURSOR);
  }

  #draw(): void {
    this.#frame = (this.#frame + 1) % FRAMES.length;
    const text = this.#text === '' ? '' : `: ${this.#text}`;
    const line = `${FRAMES[this.#frame] ?? ''} ${this.#title}  ${this.#seconds()}${text}`;
    this.#stream.write(CLEAR_LINE + line.slice(0, this.#stream.columns - 1));
  }

  #seconds(): string {
    return `${((performance.now() - this.#startedAt) / MS_PER_SECOND).toFixed(1)} s`;
  }
}
