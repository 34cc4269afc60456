import type { ComputeApi } from './compute-api.ts';
import type { ComputeHosts } from './compute-hosts.ts';
import type { Clock } from './ports/clock.ts';
import type { IdSource } from './ports/id-source.ts';
import type { Log } from './ports/log.ts';
import type { Views } from './views/views.ts';

/** What everything works with that looks after this process's hosts by itself, without anybody's request. */
export type WatchDependencies = {
  readonly computeApi: ComputeApi;
  readonly hosts: ComputeHosts;
  readonly views: Views;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly log: Log;
};
