import { MemoryCheckpointStore } from '../../adapters/event-store/memory-checkpoint-store.ts';
import { MemoryEventStore } from '../../adapters/event-store/memory-event-store.ts';
import { SimulatedArtifactTransfer } from '../../adapters/simulated/simulated-artifact-transfer.ts';
import { SimulatedClock } from '../../adapters/simulated/simulated-clock.ts';
import { SimulatedCloud } from '../../adapters/simulated/simulated-cloud.ts';
import { SimulatedDriver } from '../../adapters/simulated/simulated-driver.ts';
import { SimulatedFaults } from '../../adapters/simulated/simulated-faults.ts';
import { SimulatedImageService } from '../../adapters/simulated/simulated-image-service.ts';
import { ComputeApi } from '../../application/compute-api.ts';
import { ComputeHosts } from '../../application/compute-hosts.ts';
import { MigrationProgressBoard } from '../../application/migration-progress-board.ts';
import type { EventStore, RecordedEvent } from '../../application/ports/event-store.ts';
import type { Flavor } from '../../application/ports/flavors.ts';
import type { HypervisorDriver } from '../../application/ports/hypervisor-driver.ts';
import type { IdSource } from '../../application/ports/id-source.ts';
import type { RequestContext } from '../../application/request-context.ts';
import { runSubscription } from '../../application/run-subscription.ts';
import type { SagaDependencies } from '../../application/saga-step-dependencies.ts';
import { Slots } from '../../application/slots.ts';
import { Views } from '../../application/views/views.ts';
import { runnerSubscription } from '../../application/wake-ups.ts';
import {
  computeServiceId,
  hostName,
  imageId,
  projectId,
  requestId,
  serviceVersion,
  userId,
  type HostName,
  type ImageId,
} from '../../domain/shared/ids.ts';
import { soleProcess } from './sole-process.ts';
import { crashingEventStore, MortalProcess, mortalPort, type CrashPoint } from './crashing-event-store.ts';

export const [HOST_A, HOST_B, HOST_C] = [hostName('compute-a'), hostName('compute-b'), hostName('compute-c')];
export const IMAGES = {
  stock: imageId('00000000-0000-4000-8000-00000000aaa0'),
  stockKernel: imageId('00000000-0000-4000-8000-00000000aaa1'),
  stockRamdisk: imageId('00000000-0000-4000-8000-00000000aaa2'),
  rescue: imageId('00000000-0000-4000-8000-00000000bbb0'),
  rescueKernel: imageId('00000000-0000-4000-8000-00000000bbb1'),
  rescueRamdisk: imageId('00000000-0000-4000-8000-00000000bbb2'),
};
const FLAVOR: Flavor = {
  id: '1',
  name: 'm1.tiny',
  vcpus: 1,
  ramMiB: 128,
  diskGiB: 1,
  description: null,
  extraSpecs: {},
};
const IMAGE_BYTES = 2000;
const NEWEST = { major: 2, minor: 105 };

/** Numbered UUIDs: the same script gives the same log. */
export class NumberedIdSource implements IdSource {
  #last = 0;

  uuid(): string {
    this.#last += 1;
    return `00000000-0000-4000-8000-${this.#last.toString(16).padStart(12, '0')}`;
  }
}

export type WorldProcess = {
  readonly life: MortalProcess;
  readonly views: Views;
  readonly computeApi: ComputeApi;
  readonly dependencies: SagaDependencies;
  readonly errors: readonly unknown[];
  /** Ends as by SIGTERM: no more wake-ups, what is under way is not waited for. */
  readonly stop: () => void;
};

/** A simulated cloud with its log, and the processes that run it: everything real but hosts, images and time. */
export class SagaWorld {
  readonly clock = new SimulatedClock();
  readonly cloud = new SimulatedCloud(this.clock);
  readonly faults = new SimulatedFaults(this.cloud);
  readonly images = new SimulatedImageService(this.clock);
  readonly transfer = new SimulatedArtifactTransfer(this.cloud, this.faults);
  readonly eventStore: EventStore = new MemoryEventStore(this.clock);
  readonly checkpoints = new MemoryCheckpointStore();
  readonly ids = new NumberedIdSource();
  #processes = 0;
  #lives: readonly MortalProcess[] = [];

  constructor(hosts: readonly HostName[] = [HOST_A, HOST_B]) {
    for (const host of hosts) this.cloud.addHost(host);
    for (const [name, id] of Object.entries(IMAGES)) this.#putImage(name, id);
  }

  /** Starts a process with its own views and runner on this world's log and hosts. */
  async startProcess(crashPoint: CrashPoint | null = null): Promise<WorldProcess> {
    // What a dying process had still on its way has arrived by now, and went with its connections.
    if (this.#lives.every(({ dead }) => dead)) this.cloud.loseClients();
    const ending = new AbortController();
    const life = new MortalProcess(crashPoint, () => {
      ending.abort();
      this.cloud.loseClients();
    });
    this.#lives = [...this.#lives, life];
    const eventStore = crashingEventStore(this.eventStore, life);
    const checkpoints = mortalPort(this.checkpoints, [], life);
    const { dependencies, errors } = await this.#dependencies(eventStore, life);
    const { views, ids, clock, images } = dependencies;
    const flavors = { find: (id: string) => (id === FLAVOR.id ? FLAVOR : null), all: () => [FLAVOR] };
    const computeApi = new ComputeApi({ eventStore, ids, clock, views, images, flavors });
    await views.rebuild(eventStore);
    void views.follow(eventStore, ending.signal).catch((error: unknown) => errors.push(error));
    const runner = runnerSubscription(dependencies, ending.signal);
    void runSubscription({ eventStore, checkpoints }, runner, ending.signal).catch((error: unknown) =>
      errors.push(error),
    );
    return { life, views, computeApi, dependencies, errors, stop: () => ending.abort() };
  }

  /** Registers the compute service of every host, each with a version that knows the feature. */
  async registerHosts({ computeApi }: WorldProcess, version = 74): Promise<void> {
    for (const host of this.cloud.hosts()) {
      const serviceId = computeServiceId(this.ids.uuid());
      await computeApi.changeComputeService(this.request(), host, {
        type: 'ReportComputeService',
        serviceId,
        host,
        version: serviceVersion(version),
      });
    }
  }

  /** A new request of an admin. */
  request(): RequestContext {
    return {
      requestId: requestId(`req-${this.ids.uuid()}`),
      userId: userId('admin'),
      projectId: projectId('project'),
      roles: ['admin'],
      isAdmin: true,
    };
  }

  /** Lets everything happen that is to happen, time included. */
  settled(): Promise<void> {
    return this.clock.runUntilIdle();
  }

  history(): Promise<readonly RecordedEvent[]> {
    return this.eventStore.readAll(0, 10_000);
  }

  async #dependencies(eventStore: EventStore, life: MortalProcess) {
    this.#processes += 1;
    const errors: unknown[] = [];
    const hosts = new ComputeHosts(this.cloud.hosts().map((host) => this.#driver(host, life)));
    for (const driver of hosts.all()) {
      const facts = await driver.hostFacts();
      if (facts.outcome === 'succeeded') hosts.remember(driver.host, facts.value);
    }
    const dependencies: SagaDependencies = {
      eventStore,
      ids: this.ids,
      clock: this.clock,
      views: new Views(),
      hosts,
      images: this.images,
      transfer: mortalPort(this.transfer, ['write', 'readBack', 'remove'], life),
      progress: new MigrationProgressBoard(),
      log: {
        info: () => undefined,
        warn: () => undefined,
        error: (fields, message) => void errors.push({ ...fields, message }),
      },
      slots: new Slots(1),
      lease: soleProcess(`process-${this.#processes}`),
    };
    return { dependencies, errors };
  }

  #driver(host: HostName, life: MortalProcess): HypervisorDriver {
    const { cloud, faults, images } = this;
    const driver: HypervisorDriver = new SimulatedDriver(host, { cloud, faults, images });
    return mortalPort(driver, DRIVER_EFFECTS, life);
  }

  #putImage(name: string, id: ImageId): void {
    const pair = { stock: 'stock', rescue: 'rescue' }[name];
    const properties: Record<string, string> =
      pair === 'stock'
        ? { kernel_id: IMAGES.stockKernel, ramdisk_id: IMAGES.stockRamdisk }
        : pair === 'rescue'
          ? { kernel_id: IMAGES.rescueKernel, ramdisk_id: IMAGES.rescueRamdisk }
          : {};
    const at = '2026-01-01T00:00:00Z';
    const facts = { id, name, sizeBytes: IMAGE_BYTES, sha256: null, minDiskGiB: 0, minRamMiB: 0, properties };
    const kind = { diskFormat: 'raw', containerFormat: 'bare', status: 'active', visibility: 'public' } as const;
    this.images.put({ ...facts, ...kind, createdAt: at, updatedAt: at }, Buffer.alloc(IMAGE_BYTES, name));
  }
}

const DRIVER_EFFECTS = [
  'spawn',
  'stop',
  'start',
  'pause',
  'unpause',
  'reboot',
  'destroy',
  'rescue',
  'unrescue',
  'prepareDestination',
  'clearDestination',
  'adoptAtDestination',
  'migrateGuest',
  'confirmSource',
  'restoreSource',
  'clearSource',
] as const satisfies readonly (keyof HypervisorDriver)[];

/** What a caller asks for when it does not matter. */
export const LIVE_MIGRATE = {
  microversion: NEWEST,
  requestedHost: null,
  blockMigration: 'auto',
  force: false,
} as const;
