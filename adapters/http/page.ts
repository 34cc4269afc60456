/** Nova's `[api] max_limit`. */
export const PAGE_ROWS_MAX = 1000;

export type Page<Row> =
  /** `next`: the marker of the page behind this one; null when this one is not full (Nova does not look further). */
  | { readonly answer: 'page'; readonly rows: readonly Row[]; readonly next: string | null }
  | { readonly answer: 'markerNotFound'; readonly marker: string };

/** The rows behind `marker`, at most `limit` of them; those behind are not looked at. The query's `limit` has been validated. */
export function pageOf<Row>(rows: Iterable<Row>, query: URLSearchParams, idOf: (row: Row) => string): Page<Row> {
  const marker = query.get('marker') ?? '';
  const asked = query.get('limit') ?? '';
  const limit = asked === '' ? PAGE_ROWS_MAX : Math.min(Number(asked), PAGE_ROWS_MAX);
  const shown: Row[] = [];
  let isBehind = marker === '';
  for (const row of rows) {
    if (!isBehind) isBehind = idOf(row) === marker;
    else if (shown.length < limit) shown.push(row);
    if (isBehind && shown.length >= limit) break;
  }
  if (!isBehind) return { answer: 'markerNotFound', marker };
  const last = shown.at(-1);
  return { answer: 'page', rows: shown, next: last !== undefined && shown.length === limit ? idOf(last) : null };
}
