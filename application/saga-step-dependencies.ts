import type { ComputeHosts } from './compute-hosts.ts';
import type { MigrationProgressBoard } from './migration-progress-board.ts';
import type { ArtifactTransfer } from './ports/artifact-transfer.ts';
import type { Clock } from './ports/clock.ts';
import type { EventStore } from './ports/event-store.ts';
import type { IdSource } from './ports/id-source.ts';
import type { ImageService } from './ports/image-service.ts';
import type { Log } from './ports/log.ts';
import type { Slots } from './slots.ts';
import type { Views } from './views/views.ts';
import type { WorkLease } from './work-lease.ts';

/** What the saga runner works with. */
export type SagaDependencies = {
  readonly eventStore: EventStore;
  readonly ids: IdSource;
  readonly clock: Clock;
  readonly views: Views;
  readonly hosts: ComputeHosts;
  readonly images: ImageService;
  readonly transfer: ArtifactTransfer;
  readonly progress: MigrationProgressBoard;
  readonly log: Log;
  /** Live migrations at one time per source host; the others wait with status `queued`. */
  readonly slots: Slots;
  readonly lease: WorkLease;
};
