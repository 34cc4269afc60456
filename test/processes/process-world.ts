import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventStore } from '../../adapters/event-store/open-event-store.ts';
import { SimulatedCloudServer } from '../../adapters/simulated/remote/simulated-cloud-server.ts';
import { SimulatedFaults } from '../../adapters/simulated/simulated-faults.ts';
import { fillSimulatedImages } from '../../adapters/simulated/simulated-image-catalogue.ts';
import { SimulatedImageService } from '../../adapters/simulated/simulated-image-service.ts';
import { SystemClock } from '../../adapters/system/system-clock.ts';
import type { EventStore } from '../../application/ports/event-store.ts';
import { hostName, instanceId } from '../../domain/shared/ids.ts';
import { WatchedCloud } from '../chaos/simulated/watched-cloud.ts';
import { EventStoreDbProtocolServer } from '../support/eventstoredb-protocol-server.ts';
import { EffectWitness } from './effect-witness.ts';
import { SupervisedProcess } from './supervised-process.ts';

export type StoreKind = 'sqlite' | 'eventstoredb';

export const HOSTS = ['host-a', 'host-b', 'host-c'];
/** Short, so that takeovers are many; a busy machine must still get its turn in it. */
const LEASE_SECONDS = 2;
const HEARTBEAT_SECONDS = 0.3;
/** As libvirt's to a lease of a minute: a silent client is cut off well before others may take over. */
const KEEPALIVE = { intervalMs: 250, missedMax: 5 };
const COPY_MS = 400;

/** Hosts, log and processes of one run. The hosts live in the process of the test, which sees all that reaches them. */
export class ProcessWorld {
  readonly directory = mkdtempSync(join(tmpdir(), 'lifeboat-processes-'));
  readonly clock = new SystemClock();
  readonly cloud = new WatchedCloud(this.clock);
  readonly witness = new EffectWitness();
  readonly apis: SupervisedProcess[] = [];
  readonly computes: SupervisedProcess[] = [];
  readonly #images = new SimulatedImageService(this.clock);
  readonly #server: SimulatedCloudServer;
  #storeServer: EventStoreDbProtocolServer | null = null;
  #storeUrl: string;

  private constructor() {
    this.cloud.copyMs = COPY_MS;
    for (const host of HOSTS) this.cloud.addHost(hostName(host));
    this.cloud.watch((id) => {
      const running = this.cloud.runningCopies(instanceId(id));
      if (running.length > 1) this.witness.violations.push(`${id} runs on ${running.join(' and ')}`);
    });
    fillSimulatedImages(this.#images, this.clock.now());
    const shared = { cloud: this.cloud, faults: new SimulatedFaults(this.cloud), images: this.#images };
    this.#server = new SimulatedCloudServer(shared, KEEPALIVE, this.witness.saw);
    this.#storeUrl = `sqlite:${join(this.directory, 'events.db')}`;
  }

  static async start(kind: StoreKind): Promise<ProcessWorld> {
    const world = new ProcessWorld();
    if (kind === 'eventstoredb') {
      world.#storeServer = await EventStoreDbProtocolServer.start();
      world.#storeUrl = world.#storeServer.url;
    }
    await world.#server.listen(join(world.directory, 'cloud.sock'));
    return world;
  }

  get processes(): readonly SupervisedProcess[] {
    return [...this.apis, ...this.computes];
  }

  api(): SupervisedProcess {
    const started = new SupervisedProcess(`api-${this.apis.length + 1}`, ['api', '--config', this.#configuration(74)]);
    this.apis.push(started);
    return started;
  }

  compute(host: string, serviceVersion = 74): SupervisedProcess {
    const args = ['compute', '--host', host, '--config', this.#configuration(serviceVersion)];
    const started = new SupervisedProcess(`compute-${host}`, args);
    this.computes.push(started);
    return started;
  }

  /** The log, as an auditor opens it. */
  async log(): Promise<EventStore> {
    return (await openEventStore({ key: 'store', url: this.#storeUrl }, this.clock)).eventStore;
  }

  /** Answers the names of those that did not end in good order. */
  async stop(): Promise<readonly string[]> {
    const ended = await Promise.all(this.processes.map((one) => one.end()));
    await this.#server.stop();
    await this.#storeServer?.stop();
    rmSync(this.directory, { recursive: true, force: true });
    return this.processes.flatMap(({ name }, index) => (ended[index] === true ? [] : [name]));
  }

  #configuration(serviceVersion: number): string {
    const path = join(this.directory, `version-${serviceVersion}.json`);
    const configuration = {
      listen: { port: 0 },
      store: this.#storeUrl,
      hypervisor: 'simulated',
      simulatedCloud: `unix:${join(this.directory, 'cloud.sock')}`,
      images: { kind: 'simulated' },
      hosts: HOSTS.map((name) => ({ name, serviceVersion })),
      maxConcurrentLiveMigrations: 4,
      heartbeatSeconds: HEARTBEAT_SECONDS,
      leaseSeconds: LEASE_SECONDS,
    };
    writeFileSync(path, JSON.stringify(configuration));
    return path;
  }
}
