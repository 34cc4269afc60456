/** Rows of a view as texts without newlines: taken now, written when somebody asks for them, since that takes long. */
export function* textsOf(rows: readonly unknown[]): Generator<string> {
  for (const row of rows) yield JSON.stringify(row);
}

/** What `textsOf` was given by the same program, which vouches for the form. */
export function* rowsOf<Row>(texts: Iterable<string>): Generator<Row> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  for (const text of texts) yield JSON.parse(text) as Row;
}

/** The id in a row `[kind, id, …]`, read no further; null for a row of another kind. Ids are UUIDs, which JSON leaves as they are. */
export function idOfRow(row: string, kind: string): string | null {
  const beginning = `["${kind}","`;
  return row.startsWith(beginning) ? row.slice(beginning.length, row.indexOf('"', beginning.length)) : null;
}
