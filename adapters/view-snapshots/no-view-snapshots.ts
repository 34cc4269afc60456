import type { ViewSnapshots } from '../../application/ports/view-snapshots.ts';

/** For a log whose replay is quick, or that lies on other machines: every start replays it. */
export const NO_VIEW_SNAPSHOTS: ViewSnapshots = {
  load: async () => null,
  save: async () => false,
};
