type Bytes = { readonly done: number; readonly total: number };

const WIDTH = 30;
const FULL = '█';
const EMPTY = '░';
const BYTES_PER_MIB = 1024 * 1024;

export function percentOf({ done, total }: Bytes): number {
  return total === 0 ? 0 : Math.max(0, Math.min(100, Math.floor((done / total) * 100)));
}

/** Null: nothing is known yet. Otherwise such as `█████████░░░░░  45 %  61/135 MiB`. */
export function progressBar(bytes: Bytes | null): string {
  if (bytes === null) return EMPTY.repeat(WIDTH);
  const percent = percentOf(bytes);
  const mib = (amount: number): string => (amount / BYTES_PER_MIB).toFixed(0);
  return `${barOf(percent)} ${String(percent).padStart(3)} %  ${mib(bytes.done)}/${mib(bytes.total)} MiB`;
}

/** As long for every share, which is given in percent. */
export function barOf(percent: number): string {
  const filled = Math.round((percent / 100) * WIDTH);
  return FULL.repeat(filled) + EMPTY.repeat(WIDTH - filled);
}
