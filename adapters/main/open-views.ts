import type { Container } from 'inversify';
import type { Log } from '../../application/ports/log.ts';
import type { ViewSnapshots } from '../../application/ports/view-snapshots.ts';
import { keepViewSnapshots } from '../../application/views/keep-view-snapshots.ts';
import { startViews } from '../../application/views/start-views.ts';
import { Views } from '../../application/views/views.ts';
import { FileViewSnapshots } from '../view-snapshots/file-view-snapshots.ts';
import { NO_VIEW_SNAPSHOTS } from '../view-snapshots/no-view-snapshots.ts';
import { programDigest } from '../view-snapshots/program-digest.ts';
import type { Configuration } from './configuration.ts';
import { TOKENS } from './tokens.ts';
import { viewSnapshotsPath } from './view-snapshots-configuration.ts';

/** Empty views that tell the operator when one of them stops. */
export function newViews(log: Log): Views {
  return new Views((view, stop) =>
    log.error({ view, ...stop }, 'A view cannot digest an event and stands still; see `lifeboat views`.'),
  );
}

/** The file of the configuration, or none. */
export function openViewSnapshots({ viewSnapshots, store }: Configuration, log: Log): ViewSnapshots {
  const path = viewSnapshotsPath(viewSnapshots, store);
  return path === null ? NO_VIEW_SNAPSHOTS : new FileViewSnapshots(path, programDigest(), log);
}

/** Brings the views to the end of the log, before the first request is served. */
export function openViews(container: Container): Promise<void> {
  return startViews({
    views: container.get(TOKENS.views),
    eventStore: container.get(TOKENS.eventStore),
    snapshots: container.get(TOKENS.viewSnapshots),
    log: container.get(TOKENS.log),
  });
}

/** Follows the log, and writes the views down now and then, until `signal` aborts. */
export function followViews(container: Container, signal: AbortSignal): readonly Promise<unknown>[] {
  const views = container.get(TOKENS.views);
  const snapshots = container.get(TOKENS.viewSnapshots);
  const clock = container.get(TOKENS.clock);
  const following = views.follow(container.get(TOKENS.eventStore), signal);
  return [following, keepViewSnapshots({ views, snapshots, clock }, signal)];
}
