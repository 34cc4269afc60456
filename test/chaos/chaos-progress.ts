import type { WriteStream } from 'node:tty';
import type { RoundOutcome } from './round.ts';

const WIDTH = 24;
const CLEAR_LINE = '\r\u001b[2K';
const SIMULATED_STEP = 250;
const MS_PER_SECOND = 1000;

/** A bar on a terminal; anywhere else a line for each round. On standard error, so that the result stays clean. */
export class ChaosProgress {
  readonly #stream: WriteStream;
  readonly #rounds: number;
  readonly #simulated: boolean;
  readonly #live: boolean;
  readonly #startedAt = performance.now();
  #done = 0;
  #violations = 0;

  constructor(stream: WriteStream, { rounds, simulated }: { readonly rounds: number; readonly simulated: boolean }) {
    this.#stream = stream;
    this.#rounds = rounds;
    this.#simulated = simulated;
    this.#live = stream.isTTY && process.env['TERM'] !== 'dumb';
  }

  doing(text: string): void {
    if (this.#live) this.#draw(text);
  }

  ended(outcome: RoundOutcome, evidencePath: string | null): void {
    this.#done += 1;
    this.#violations += outcome.violations.length;
    const { round, fault, phase, violations } = outcome;
    const recovery = outcome.recoveryMs === null ? '' : `, recovered after ${outcome.recoveryMs} ms`;
    const silence =
      outcome.guestSilenceMs === null ? '' : `, guest silent for ${Math.round(outcome.guestSilenceMs)} ms`;
    const found = violations.map(({ invariant, what }) => `\n    VIOLATED ${invariant}: ${what}`).join('');
    const kept = evidencePath === null ? '' : `\n    evidence: ${evidencePath}`;
    if (this.#simulated && violations.length === 0) {
      if (this.#done % SIMULATED_STEP === 0) this.#step();
    } else if (!this.#live || violations.length > 0) {
      const clear = this.#live ? CLEAR_LINE : '';
      this.#stream.write(
        `${clear}${this.#seconds()} round ${round}: ${fault} in ${phase}: ${outcome.outcome}${recovery}${silence}${found}${kept}\n`,
      );
    }
    if (!this.#simulated) this.doing('');
  }

  /** Simulated rounds are over too soon for a line of their own. */
  #step(): void {
    if (this.#live) this.#draw('');
    else
      this.#stream.write(`${this.#seconds()} ${this.#done}/${this.#rounds} rounds, ${this.#violations} violations\n`);
  }

  /** Leaves the line to what comes next. */
  stop(): void {
    if (this.#live) this.#stream.write(CLEAR_LINE);
  }

  #draw(text: string): void {
    const filled = Math.round((this.#done / this.#rounds) * WIDTH);
    const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
    const counts = `${this.#done}/${this.#rounds} rounds, ${this.#violations} violations, ${this.#seconds()}`;
    this.#stream.write(CLEAR_LINE + `${bar} ${counts}  ${text}`.slice(0, this.#stream.columns - 1));
  }

  #seconds(): string {
    return `${Math.round((performance.now() - this.#startedAt) / MS_PER_SECOND)} s`;
  }
}
