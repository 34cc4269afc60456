import type { Progress } from '../event-store/progress.ts';

const WIDTH = 30;
const REDRAW_MS = 100;
const CLEAR_LINE = '\r\u001b[K';

/** A bar on the terminal while a long command runs; nothing where the error output is no terminal. */
export class ProgressLine {
  readonly #label: string;
  readonly #live = process.stderr.isTTY && process.env['TERM'] !== 'dumb';
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(label: string) {
    this.#label = label;
  }

  /** `total` 0: nobody knows how many there are. */
  readonly show: Progress = (done, total) => {
    if (!this.#live || performance.now() - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = performance.now();
    process.stderr.write(`${CLEAR_LINE}${this.#label}  ${total === 0 ? figure(done) : bar(done, total)}`);
  };

  clear(): void {
    if (this.#live) process.stderr.write(CLEAR_LINE);
  }
}

/** A number as people read it. */
export const figure = (value: number): string => value.toLocaleString('en-US');

function bar(done: number, total: number): string {
  const part = Math.min(1, done / total);
  const filled = Math.round(part * WIDTH);
  const percent = String(Math.floor(part * 100)).padStart(3);
  return `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${percent} %  ${figure(done)} of ${figure(total)}`;
}
