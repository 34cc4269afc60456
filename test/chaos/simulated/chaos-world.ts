import { MemoryCheckpointStore } from '../../../adapters/event-store/memory-checkpoint-store.ts';
import { MemoryEventStore } from '../../../adapters/event-store/memory-event-store.ts';
import { SimulatedArtifactTransfer } from '../../../adapters/simulated/simulated-artifact-transfer.ts';
import { SimulatedClock } from '../../../adapters/simulated/simulated-clock.ts';
import type { SimulatedStorage } from '../../../adapters/simulated/simulated-cloud.ts';
import { SimulatedDriver } from '../../../adapters/simulated/simulated-driver.ts';
import { SimulatedImageService } from '../../../adapters/simulated/simulated-image-service.ts';
import type { DomainEvent } from '../../../application/ports/event-store.ts';
import { hostName, instanceId, type HostName, type InstanceId } from '../../../domain/shared/ids.ts';
import { NumberedIdSource } from '../../support/saga-world.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { fillChaosImages } from './chaos-images.ts';
import { ChaosProcess, type Outside } from './chaos-process.ts';
import { DisturbedCalls } from './disturbed-calls.ts';
import { DisturbedEventStore } from './disturbed-event-store.ts';
import type { Side } from './mortal-boundaries.ts';
import { WatchedCloud } from './watched-cloud.ts';

export const HOSTS: readonly [HostName, HostName] = [hostName('compute-a'), hostName('compute-b')];

const LATENCY_MS_MAX = 12;
/** Until both daemons have seen that a killed process's connections are gone. */
const CLOSING_MS_MAX = 120;
const RESTART_MS_MAX = 2000;

/** A simulated cloud, its log and the one process that runs it, which is started again whenever it has died. */
export class ChaosWorld {
  readonly clock = new SimulatedClock();
  readonly cloud: WatchedCloud;
  readonly images = new SimulatedImageService(this.clock);
  readonly calls: DisturbedCalls;
  readonly eventStore: DisturbedEventStore;
  readonly #log = new MemoryEventStore(this.clock);
  readonly #random: SeededRandom;
  readonly #outside: Outside;
  readonly #past: ChaosProcess[] = [];
  #atBoundary: (side: Side) => void = () => undefined;
  #instanceId: InstanceId | null = null;

  constructor(random: SeededRandom, storage: SimulatedStorage = 'local') {
    this.cloud = new WatchedCloud(this.clock, storage);
    this.#random = random;
    const latencyMs = (): number => random.integer(0, LATENCY_MS_MAX);
    this.calls = new DisturbedCalls(this.cloud, latencyMs);
    this.eventStore = new DisturbedEventStore(this.#log, this.clock, latencyMs);
    for (const host of HOSTS) this.cloud.addHost(host);
    fillChaosImages(this.images);
    const { clock, cloud, images, calls: faults, eventStore } = this;
    this.#outside = {
      clock,
      ids: new NumberedIdSource(),
      eventStore,
      checkpoints: new MemoryCheckpointStore(),
      images,
      transfer: new SimulatedArtifactTransfer(cloud, faults),
      drivers: HOSTS.map((host) => new SimulatedDriver(host, { cloud, faults, images })),
    };
  }

  /** The log as it is, whatever its clients are told. */
  get log(): MemoryEventStore {
    return this.#log;
  }

  /** The one server of this world, from the moment its request is in the log. */
  get instanceId(): InstanceId | null {
    return this.#instanceId;
  }

  /** What is written, at the moment it is. */
  onRecorded(listener: (event: DomainEvent) => void): void {
    this.eventStore.onRecorded((stream, events) => {
      for (const { data } of events) {
        if (data.type === 'InstanceCreateRequested') this.#instanceId ??= instanceId(stream.slice('instance-'.length));
        listener(data);
      }
    });
  }

  /** The process that serves at this moment, or null. */
  get process(): ChaosProcess | null {
    const newest = this.#past.at(-1);
    return newest?.serving === true ? newest : null;
  }

  get bugs(): readonly unknown[] {
    return this.#past.flatMap(({ bugs }) => bugs);
  }

  get starts(): number {
    return this.#past.length;
  }

  get nowMs(): number {
    return this.cloud.nowMs();
  }

  newId(): string {
    return this.#outside.ids.uuid();
  }

  atBoundary(listener: (side: Side) => void): void {
    this.#atBoundary = listener;
  }

  /** Starts a process, and another one when it cannot read the log. */
  async start(): Promise<void> {
    for (;;) {
      const started = new ChaosProcess(this.#outside, `process-${this.#past.length + 1}`, (side) =>
        this.#atBoundary(side),
      );
      this.#past.push(started);
      try {
        await started.start();
        return;
      } catch {
        started.life.die();
        await this.clock.sleep(RESTART_MS_MAX);
      }
    }
  }

  /** SIGKILL, and a start after a moment. What the process had asked for may still be carried out. */
  kill(): void {
    const dying = this.#past.at(-1);
    if (dying === undefined || dying.life.dead) return;
    dying.life.die();
    const closedMs = this.#random.integer(0, CLOSING_MS_MAX);
    const restartMs = this.#random.integer(closedMs, RESTART_MS_MAX);
    void this.#startAgain(closedMs, restartMs - closedMs);
  }

  /** Ends the process and nothing else; nobody looks any more. */
  end(): void {
    this.#past.at(-1)?.life.die();
  }

  async #startAgain(closedMs: number, thenMs: number): Promise<void> {
    await this.clock.sleep(closedMs);
    this.cloud.loseClients();
    await this.clock.sleep(thenMs);
    await this.start();
  }
}
