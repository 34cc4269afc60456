import type { ViewSnapshot } from '../../application/ports/view-snapshots.ts';
import type { Views } from '../../application/views/views.ts';

/** All that views know, as plain values that can be compared and read twice. Throws while a view stands still. */
export function readSnapshot(
  views: Views,
): ViewSnapshot & { readonly views: readonly (readonly [string, string[]])[] } {
  const snapshot = views.snapshot();
  if (snapshot === null) throw new Error('the views stand still');
  return { ...snapshot, views: snapshot.views.map(([view, rows]) => [view, [...rows]] as const) };
}
