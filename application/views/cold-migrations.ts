import type { InstanceEvent } from '../../domain/instance/instance-events.ts';
import type { ServerChangeEvent } from '../../domain/instance/server-change-events.ts';
import { migrationId } from '../../domain/shared/ids.ts';
import type { HostName, Instant, InstanceId, MigrationId } from '../../domain/shared/ids.ts';
import type { Initiator } from '../../domain/shared/initiator.ts';
import { placeAfter, type Move, type Place } from './cold-migration-place.ts';

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

/** One row, or where one server is. */
export type SavedColdMigration =
  | readonly ['row', ColdMigrationRow]
  | readonly ['place', InstanceId, { readonly place: Place; readonly move: Move | null }];

/** Rows of `os-migrations` beside those of live migrations. */
export class ColdMigrations {
  readonly #rows = new Map<MigrationId, ColdMigrationRow>();
  readonly #newest = new Map<InstanceId, MigrationId>();
  readonly #places = new Map<InstanceId, { readonly place: Place; readonly move: Move | null }>();

  get size(): number {
    return this.#rows.size;
  }

  /** `eventId` is that of the event; `number` is used when it begins a migration. */
  project(instanceId: InstanceId, data: InstanceEvent, { eventId, number }: { eventId: string; number: number }): void {
    const before = this.#places.get(instanceId) ?? null;
    if (before !== null && (data.type === 'ResizeRequested' || data.type === 'ColdMigrationRequested')) {
      const from = before.place;
      const isResize = data.type === 'ResizeRequested';
      const to = isResize ? { ...from, flavorId: data.flavor.id } : { ...from, host: data.destination };
      this.#places.set(instanceId, { place: from, move: { from, to } });
      this.#put({
        number,
        // The event that asked for it is the only thing there is exactly one of.
        migrationId: migrationId(eventId),
        instanceId,
        migrationType: isResize ? 'resize' : 'migration',
        source: from.host,
        destination: to.host,
        oldFlavorId: from.flavorId,
        newFlavorId: to.flavorId,
        status: 'migrating',
        initiator: data.initiator,
        createdAt: data.at,
        updatedAt: data.at,
      });
      return;
    }
    this.#goOn(instanceId, data);
    const place = placeAfter(before?.place ?? null, before?.move ?? null, data);
    if (place === null) this.#places.delete(instanceId);
    else if (place !== before?.place) this.#places.set(instanceId, { place, move: before?.move ?? null });
  }

  #goOn(instanceId: InstanceId, data: InstanceEvent): void {
    const status = STATUSES.get(data.type);
    if (status === undefined) return;
    const newest = this.#newest.get(instanceId);
    const row = newest === undefined ? undefined : this.#rows.get(newest);
    if (row !== undefined && 'at' in data) this.#put({ ...row, status, updatedAt: data.at });
  }

  #put(row: ColdMigrationRow): void {
    this.#rows.set(row.migrationId, row);
    this.#newest.set(row.instanceId, row.migrationId);
  }

  /** In order of request, oldest first. */
  all(): IterableIterator<ColdMigrationRow> {
    return this.#rows.values();
  }

  save(): readonly SavedColdMigration[] {
    const rows = [...this.#rows.values()].map((row) => ['row', row] as const);
    return [...rows, ...[...this.#places].map(([id, place]) => ['place', id, place] as const)];
  }

  restore(saved: SavedColdMigration): void {
    if (saved[0] === 'row') this.#put(saved[1]);
    else this.#places.set(saved[1], saved[2]);
  }
}
