import { ComputeApi } from '../../../application/compute-api.ts';
import { MIGRATION_SAGA, migrationSagaStream } from '../../../application/aggregates.ts';
import { ComputeHosts } from '../../../application/compute-hosts.ts';
import { ComputeServiceReporter } from '../../../application/compute-service-reporter.ts';
import { handleCommand } from '../../../application/handle-command.ts';
import { MigrationProgressBoard } from '../../../application/migration-progress-board.ts';
import type { ArtifactTransfer } from '../../../application/ports/artifact-transfer.ts';
import type { CheckpointStore } from '../../../application/ports/checkpoint-store.ts';
import type { Clock } from '../../../application/ports/clock.ts';
import { StoreUnavailable, type EventStore } from '../../../application/ports/event-store.ts';
import type { HypervisorDriver } from '../../../application/ports/hypervisor-driver.ts';
import type { IdSource } from '../../../application/ports/id-source.ts';
import type { ImageService } from '../../../application/ports/image-service.ts';
import type { Log } from '../../../application/ports/log.ts';
import { PowerStateSynchroniser } from '../../../application/power-state-synchroniser.ts';
import { RescueTimeout } from '../../../application/rescue-timeout.ts';
import { runSubscription } from '../../../application/run-subscription.ts';
import type { SagaDependencies } from '../../../application/saga-step-dependencies.ts';
import { Slots } from '../../../application/slots.ts';
import { Views } from '../../../application/views/views.ts';
import { runnerSubscription } from '../../../application/wake-ups.ts';
import { serviceVersion, type MigrationId } from '../../../domain/shared/ids.ts';
import type { Initiator } from '../../../domain/shared/initiator.ts';
import { mortalPort, MortalProcess } from '../../support/crashing-event-store.ts';
import { CHAOS_FLAVOR } from './chaos-images.ts';
import { soleProcess } from '../../support/sole-process.ts';
import { withBoundaries, type AtBoundary } from './mortal-boundaries.ts';

export const HEARTBEAT_MS = 10_000;
/** Far more often than in earnest, so that many looks fall into what is going on. */
const POWER_STATE_INTERVAL_MS = 1500;
/** Every rescue is overdue whenever the timeout is made to look. */
const RESCUE_TIMEOUT_MS = 1;
const SERVICE_VERSION = serviceVersion(74);

/** What a process finds outside of itself. */
export type Outside = {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly eventStore: EventStore;
  readonly checkpoints: CheckpointStore;
  readonly images: ImageService;
  readonly transfer: ArtifactTransfer;
  readonly drivers: readonly HypervisorDriver[];
};

/** One run of the program from its start to its death: API, views, runner and heartbeat, as adapters/main wires them. */
export class ChaosProcess {
  readonly life: MortalProcess;
  readonly views = new Views();
  readonly computeApi: ComputeApi;
  /** What it could not cope with; anything here is a bug. */
  readonly bugs: unknown[] = [];
  readonly #dependencies: SagaDependencies;
  readonly #checkpoints: CheckpointStore;
  readonly #reporter: ComputeServiceReporter;
  readonly #powerStates: PowerStateSynchroniser;
  readonly #rescueTimeout: RescueTimeout;
  readonly #ending = new AbortController();
  #serving = false;

  constructor(outside: Outside, name: string, atBoundary: AtBoundary) {
    this.life = new MortalProcess(null, () => this.#ending.abort('killed'));
    const mortal = <Port extends object>(port: Port): Port =>
      mortalPort(withBoundaries(port, this.life, atBoundary), [], this.life);
    const { clock, ids } = outside;
    const { views } = this;
    const images = mortal(outside.images);
    const eventStore = mortal(outside.eventStore);
    const hosts = new ComputeHosts(outside.drivers.map(mortal));
    const log: Log = {
      info: () => undefined,
      warn: () => undefined,
      error: (fields) => this.#reported(fields['error']),
    };
    const flavors = { find: (id: string) => (id === CHAOS_FLAVOR.id ? CHAOS_FLAVOR : null), all: () => [CHAOS_FLAVOR] };
    this.computeApi = new ComputeApi({ eventStore, ids, clock, views, images, flavors });
    this.#checkpoints = mortal(outside.checkpoints);
    this.#dependencies = {
      eventStore,
      ids,
      clock,
      views,
      hosts,
      images,
      transfer: mortal(outside.transfer),
      progress: new MigrationProgressBoard(),
      log,
      slots: new Slots(1),
      lease: soleProcess(name),
    };
    const { computeApi } = this;
    const versions = new Map(hosts.all().map(({ host }) => [host, SERVICE_VERSION]));
    const shared = { computeApi, eventStore, hosts, views, clock, ids, log };
    this.#reporter = new ComputeServiceReporter({ ...shared, heartbeatMs: HEARTBEAT_MS }, versions);
    this.#powerStates = new PowerStateSynchroniser({ ...shared, intervalMs: POWER_STATE_INTERVAL_MS });
    this.#rescueTimeout = new RescueTimeout({ ...shared, timeoutMs: RESCUE_TIMEOUT_MS });
  }

  /** True from the end of its start until its death. */
  get serving(): boolean {
    return this.#serving && !this.life.dead;
  }

  /** Aborts when it dies. */
  get ended(): AbortSignal {
    return this.#ending.signal;
  }

  /** Lets `rescue_timeout` look, as it does from time to time. */
  unrescueOverdue(): Promise<void> {
    return this.#rescueTimeout.unrescueOverdue();
  }

  /** What `lifeboat migration resolve ID retry` does. */
  async retry(migrationId: MigrationId, { requestId, userId, projectId }: Initiator): Promise<void> {
    const initiator = { requestId, userId, projectId };
    const command = {
      type: 'ResolveMigration',
      resolution: 'retry',
      initiator,
      at: this.#dependencies.clock.now(),
    } as const;
    const metadata = { correlationId: initiator.requestId, causationId: initiator.requestId, actor: initiator.userId };
    await handleCommand(this.#dependencies, MIGRATION_SAGA, migrationSagaStream(migrationId), command, metadata);
  }

  /** The order of adapters/main/serve.ts. */
  async start(): Promise<void> {
    const { eventStore } = this.#dependencies;
    const { signal } = this.#ending;
    const failed = (error: unknown): void => void this.bugs.push(error);
    await this.views.rebuild(eventStore);
    this.views.follow(eventStore, signal).catch(failed);
    await this.#reporter.beat();
    this.#reporter.run(signal).catch(failed);
    this.#powerStates.run(signal).catch(failed);
    const runner = runnerSubscription(this.#dependencies, signal);
    runSubscription({ eventStore, checkpoints: this.#checkpoints }, runner, signal).catch(failed);
    this.#serving = true;
  }

  // That the log cannot be reached is a fault like others, and it is tried again.
  #reported(error: unknown): void {
    if (error !== undefined && !(error instanceof StoreUnavailable)) this.bugs.push(error);
  }
}
