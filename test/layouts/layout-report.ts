import { table } from '../../adapters/cli/text-table.ts';
import { LiveLine } from '../demo/live-line.ts';
import { barOf } from '../demo/progress-bar.ts';
import { FACTORS, rowName, type LayoutRow } from './layout-matrix.ts';
import type { LayoutResult } from './perform-layout.ts';

const PERCENT = 100;
const SECONDS_PER_MINUTE = 60;
const DIFFERENCE_CHARACTERS_MAX = 400;

/** What was found so far: a bar on standard error while it comes, and all of it on standard output in the end. */
export class LayoutReport {
  readonly #rows: readonly LayoutRow[];
  readonly #line = new LiveLine(process.stderr);
  readonly #results = new Map<LayoutRow, LayoutResult>();
  readonly #doing = new Map<LayoutRow, string>();
  readonly #begin = performance.now();

  constructor(rows: readonly LayoutRow[]) {
    this.#rows = rows;
    this.#line.start(`${rows.length} rows`);
  }

  get hasDifferences(): boolean {
    return [...this.#results.values()].some(({ differences }) => differences.length > 0);
  }

  get #seconds(): number {
    return (performance.now() - this.#begin) / 1000;
  }

  entered(row: LayoutRow, chapter: string): void {
    this.#doing.set(row, chapter);
    if (this.#line.live) this.#draw();
  }

  ended(row: LayoutRow, result: LayoutResult): void {
    this.#doing.delete(row);
    this.#results.set(row, result);
    this.#draw();
  }

  /** Before anything is printed: the last line is taken from the screen. */
  stopDrawing(): void {
    this.#line.stop();
  }

  text(): string {
    const done = this.#rows.flatMap((row) => {
      const result = this.#results.get(row);
      return result === undefined ? [] : [{ row, result }];
    });
    const factors = Object.keys(FACTORS) as (keyof typeof FACTORS)[];
    const cells = done.map(({ row, result: { differences, seconds } }) => [
      ...factors.map((factor) => row[factor]),
      seconds.toFixed(1),
      differences.length === 0 ? 'same' : `${differences.length} DIFFERENT`,
    ]);
    const different = done.filter(({ result }) => result.differences.length > 0);
    const details = different.map(
      ({ row, result }) => `\n${rowName(row)}\n${result.differences.map(shortened).join('\n')}`,
    );
    const counts = `${done.length} of ${this.#rows.length} rows: ${done.length - different.length} without a difference`;
    return [
      table([...factors, 'seconds', 'result'], cells),
      ...details,
      `\n${counts}, ${different.length} with, in ${duration(this.#seconds)}`,
    ].join('\n');
  }

  json(seed: number): string {
    const rows = Object.fromEntries(this.#rows.map((row) => [rowName(row), this.#results.get(row) ?? null]));
    return JSON.stringify({ seed, seconds: this.#seconds, rows });
  }

  #draw(): void {
    const [done, total] = [this.#results.size, this.#rows.length];
    const doing = [...this.#doing].map(([row, chapter]) => `${rowName(row)} ${chapter}`).join(', ');
    this.#line.update(`${barOf((done / total) * PERCENT)} ${done}/${total}  ${this.#line.live ? doing : ''}`.trimEnd());
  }
}

/** The console of a guest that fell silent is in the document of `--json` as a whole. */
function shortened(difference: string): string {
  const text = difference.replaceAll(/\s+/g, ' ');
  return `  ${text.length > DIFFERENCE_CHARACTERS_MAX ? `${text.slice(0, DIFFERENCE_CHARACTERS_MAX)} …` : text}`;
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / SECONDS_PER_MINUTE);
  return `${minutes > 0 ? `${minutes} min ` : ''}${Math.floor(seconds % SECONDS_PER_MINUTE)} s`;
}
