import { z } from 'zod';

/** The key `viewSnapshots`. */
export const viewSnapshotsSchema = z
  .union([z.enum(['besideStore', 'off']), z.string().regex(/^\/[^\0]*[^/\0]$/, 'besideStore, off or an absolute path')])
  .default('besideStore')
  .describe(
    'A file that spares a start most of the replay: `besideStore` (`FILE.views` for the store `sqlite:FILE`, none for ' +
      'other stores), an absolute path, or `off`. It may be removed at any time; docs/operate/views.md.',
  );

/** Null: none. `viewSnapshots` and `store` as they are configured. */
export function viewSnapshotsPath(viewSnapshots: string, store: string): string | null {
  if (viewSnapshots === 'off') return null;
  if (viewSnapshots !== 'besideStore') return viewSnapshots;
  return store.startsWith('sqlite:') ? `${store.slice('sqlite:'.length)}.views` : null;
}
