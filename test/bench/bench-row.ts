/** One line of a benchmark's table. `ours` and `peer` are medians of rounds that took turns, in `unit`. */
export type BenchRow = {
  readonly name: string;
  readonly ours: number;
  readonly peer: number;
  readonly unit: string;
  /** ours / peer. */
  readonly ratio: number;
  /** What must hold, in words; `pass` says whether it did. */
  readonly bar: string;
  readonly pass: boolean;
};
