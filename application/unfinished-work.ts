import { nextInstanceEffect } from '../domain/instance/next-instance-effect.ts';
import { settlementOf } from '../domain/migration/settlement.ts';
import type { InstanceId, MigrationId } from '../domain/shared/ids.ts';
import { isMine } from './advance-instance.ts';
import { instanceStream, migrationSagaStream } from './aggregates.ts';
import type { HostClaims } from './host-claims.ts';
import { mayDrive } from './migration-driver.ts';
import { StoreUnavailable } from './ports/event-store.ts';
import type { SagaDependencies } from './saga-step-dependencies.ts';
import type { MigrationRow } from './views/migrations-view.ts';
import type { RunnerSubscription } from './wake-ups.ts';

type Dependencies = SagaDependencies & {
  readonly claims: Pick<HostClaims, 'claim' | 'publish'>;
  readonly runner: Pick<RunnerSubscription, 'takeUp'>;
  readonly intervalMs: number;
};

/**
 * Takes up what processes that are gone have left: their hosts, their servers' requests and their migrations. What was
 * asked of a live process reaches it by its events; this finds what no event tells any more.
 */
export class UnfinishedWork {
  readonly #dependencies: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** Looks again and again until `signal` aborts. Never rejects for a store that is away. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, intervalMs, log } = this.#dependencies;
    while (!signal.aborted) {
      try {
        await this.takeUp();
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        log.warn({ error }, 'Nobody could look for what other processes have left.');
      }
      await clock.sleep(intervalMs, signal);
    }
  }

  /** One look. Throws StoreUnavailable. */
  async takeUp(): Promise<void> {
    const { claims, views } = this.#dependencies;
    await claims.claim();
    await claims.publish();
    const untold = new Set<MigrationId>();
    for (const row of views.servers.all()) {
      if (row.migration !== null) untold.add(row.migration);
      const effect = nextInstanceEffect(row);
      if (effect !== null && isMine(this.#dependencies, effect)) this.#takeUpServer(row.instanceId);
    }
    for (const row of views.migrations.all()) {
      if (isUnfinished(row, untold) && (await mayDrive(this.#dependencies, row))) this.#takeUpMigration(row);
    }
  }

  #takeUpServer(instanceId: InstanceId): void {
    this.#dependencies.runner.takeUp({ wake: 'instance', instanceId }, instanceStream(instanceId));
  }

  #takeUpMigration({ saga, instanceId, migrationId }: MigrationRow): void {
    const stream = saga.phase === 'absent' ? instanceStream(instanceId) : migrationSagaStream(migrationId);
    this.#dependencies.runner.takeUp({ wake: 'migration', instanceId, migrationId }, stream);
  }
}

/** Not ended, or ended and the server was not told. By the servers' own word: most of all migrations ended long ago. */
function isUnfinished({ saga, migrationId }: MigrationRow, untold: ReadonlySet<MigrationId>): boolean {
  if (saga.phase === 'absent' || saga.phase === 'forward' || saga.phase === 'unwinding') return true;
  return untold.has(migrationId) && settlementOf(saga) !== null;
}
