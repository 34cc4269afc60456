import type { ServerChangeEvent } from '../../domain/instance/server-change-events.ts';
import { migrationId } from '../../domain/shared/ids.ts';
import type { HostName, Instant, InstanceId, MigrationId } from '../../domain/shared/ids.ts';
import type { Initiator } from '../../domain/shared/initiator.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import type { ServerRow } from './servers-view.ts';

/** A resize or a cold migration, as `GET /os-migrations` tells it: to Nova the one is as much a migration as the other. */
export type ColdMigrationRow = {
  readonly number: number;
  readonly migrationId: MigrationId;
  readonly instanceId: InstanceId;
  readonly migrationType: 'migration' | 'resize';
  readonly source: HostName | null;
  readonly destination: HostName | null;
  readonly oldFlavorId: string;
  readonly newFlavorId: string;
  readonly status: ColdMigrationStatus;
  readonly initiator: Initiator;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
};

export type ColdMigrationStatus =
  'migrating' | 'finished' | 'confirming' | 'confirmed' | 'reverting' | 'reverted' | 'error';

/** What an event makes of the newest one of its server. */
const STATUS_AFTER: Readonly<Partial<Record<ServerChangeEvent['type'], ColdMigrationStatus>>> = {
  InstanceResized: 'finished',
  ResizeFailed: 'error',
  ResizeConfirmRequested: 'confirming',
  ResizeConfirmed: 'confirmed',
  ResizeRevertRequested: 'reverting',
  ResizeReverted: 'reverted',
  ResizeRevertFailed: 'error',
};
const STATUSES: ReadonlyMap<string, ColdMigrationStatus> = new Map(Object.entries(STATUS_AFTER));

/** Rows of `os-migrations` beside those of live migrations. */
export class ColdMigrations {
  readonly #rows = new Map<MigrationId, ColdMigrationRow>();
  readonly #newest = new Map<InstanceId, MigrationId>();

  get size(): number {
    return this.#rows.size;
  }

  /** `server` has seen the event already; `number` is used when it begins a migration. */
  project({ id, data }: RecordedEvent, server: ServerRow | null, number: number): void {
    if (server === null) return;
    if (data.type === 'ResizeRequested' || data.type === 'ColdMigrationRequested') {
      const { instanceId, host, flavor } = server;
      const isResize = data.type === 'ResizeRequested';
      this.#put({
        number,
        // The event that asked for it is the only thing there is exactly one of.
        migrationId: migrationId(id),
        instanceId,
        migrationType: isResize ? 'resize' : 'migration',
        source: host,
        destination: isResize ? host : data.destination,
        oldFlavorId: flavor.id,
        newFlavorId: isResize ? data.flavor.id : flavor.id,
        status: 'migrating',
        initiator: data.initiator,
        createdAt: data.at,
        updatedAt: data.at,
      });
      return;
    }
    const status = STATUSES.get(data.type);
    const row = this.#rows.get(this.#newest.get(server.instanceId) ?? migrationId(id));
    if (status !== undefined && row !== undefined && 'at' in data) this.#put({ ...row, status, updatedAt: data.at });
  }

  #put(row: ColdMigrationRow): void {
    this.#rows.set(row.migrationId, row);
    this.#newest.set(row.instanceId, row.migrationId);
  }

  /** In order of request, oldest first. */
  all(): IterableIterator<ColdMigrationRow> {
    return this.#rows.values();
  }
}
