import { Agent } from 'node:http';
import type { ComputeRoute } from '../../adapters/http/compute-route.ts';
import { computeRoutes } from '../../adapters/http/compute-routes.ts';
import { buildHttpServer } from '../../adapters/http/http-server.ts';
import { compose } from '../../adapters/main/composition-root.ts';
import { configurationSchema } from '../../adapters/main/configuration.ts';
import { TOKENS } from '../../adapters/main/tokens.ts';
import { SimulatedArtifactTransfer } from '../../adapters/simulated/simulated-artifact-transfer.ts';
import { SimulatedClock } from '../../adapters/simulated/simulated-clock.ts';
import { SimulatedCloud } from '../../adapters/simulated/simulated-cloud.ts';
import { SimulatedDriver } from '../../adapters/simulated/simulated-driver.ts';
import { SimulatedFaults } from '../../adapters/simulated/simulated-faults.ts';
import { SimulatedImageService } from '../../adapters/simulated/simulated-image-service.ts';
import { runSubscription } from '../../application/run-subscription.ts';
import type { Views } from '../../application/views/views.ts';
import { runnerSubscription } from '../../application/wake-ups.ts';
import { hostName } from '../../domain/shared/ids.ts';
import { exchange, type Question, type Reply } from '../support/http-exchange.ts';
import { RECORDED_FLAVORS, RECORDED_HOSTS, RECORDED_IMAGES } from './recorded-deployment.ts';
import { RecordedIdentity } from './recorded-identity.ts';

/** How long, on the wall clock, anything in memory may take. */
const DEADLINE_MS = 30_000;
const TICK_MS = 250;
/** More simulated time than the longest piece of work takes. */
const TICKS_MAX = 400;

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

export type ConformanceWorld = {
  readonly views: Views;
  readonly faults: SimulatedFaults;
  readonly routes: readonly ComputeRoute[];
  readonly ask: (question: Question) => Promise<Reply>;
  /** Lets time pass until no server has anything to do. */
  readonly settle: () => Promise<void>;
  /** Waits, without any time passing for the hosts, until it is so. Rejects after DEADLINE_MS. */
  readonly until: (what: string, isSo: () => boolean) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** The whole program, fresh, on the two hosts of the recording; its time passes only in `settle`. */
export async function startConformanceWorld(): Promise<ConformanceWorld> {
  const clock = new SimulatedClock(Date.parse('2026-11-23T08:15:00Z'));
  const cloud = new SimulatedCloud(clock);
  const faults = new SimulatedFaults(cloud);
  const images = new SimulatedImageService(clock);
  for (const { image, data } of RECORDED_IMAGES) images.put(image, data);
  const configuration = configurationSchema.parse({
    store: 'memory:',
    hypervisor: 'simulated',
    linkPrefix: 'http://127.0.0.1:18774',
    hosts: RECORDED_HOSTS.map(({ name }) => ({ name })),
    flavors: RECORDED_FLAVORS,
    heartbeatSeconds: 3600,
  });
  const container = await compose(configuration, SILENT, { clock });
  container.rebind(TOKENS.images).toConstantValue(images);
  const drivers = RECORDED_HOSTS.map(({ name, capacity }) => {
    cloud.addHost(hostName(name), capacity);
    return new SimulatedDriver(hostName(name), { cloud, faults, images });
  });
  container.rebind(TOKENS.hypervisors).toConstantValue({
    drivers,
    transfer: new SimulatedArtifactTransfer(cloud, faults),
    libvirtHosts: [],
    missingCapabilities: async () => [],
  });
  const views = container.get(TOKENS.views);
  const eventStore = container.get(TOKENS.eventStore);
  const stopping = new AbortController();
  const following = views.follow(eventStore, stopping.signal);
  await container.get(TOKENS.lease).renew();
  await container.get(TOKENS.claims).claim();
  // One after the other, so that the services are numbered as they were.
  await container.get(TOKENS.reporter).beat();
  const runner = runnerSubscription(container.get(TOKENS.saga), stopping.signal);
  const running = runSubscription(
    { eventStore, checkpoints: container.get(TOKENS.checkpoints) },
    runner,
    stopping.signal,
  );
  const server = buildHttpServer({ ...container.get(TOKENS.http), identity: new RecordedIdentity() });
  const agent = new Agent({ keepAlive: true });
  const port = Number(new URL(await server.listen({ host: '127.0.0.1', port: 0 })).port);

  const until = async (what: string, isSo: () => boolean): Promise<void> => {
    const endsAt = performance.now() + DEADLINE_MS;
    while (!isSo()) {
      if (performance.now() > endsAt) throw new Error(`conformance: it never came about that ${what}`);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
  };
  const busy = (): boolean =>
    [...views.servers.all()].some(
      (row) => row.existence === 'present' && (row.task !== null || row.migration !== null),
    );

  return {
    views,
    faults,
    routes: computeRoutes(container.get(TOKENS.http)),
    until,
    ask: (question) => exchange(port, agent, question),
    settle: async () => {
      for (let tick = 0; tick < TICKS_MAX; tick += 1) {
        await clock.advance(TICK_MS);
        if (!busy()) return;
      }
      throw new Error('conformance: a server never came to rest');
    },
    stop: async () => {
      agent.destroy();
      await server.close();
      stopping.abort();
      await clock.runUntilIdle(1);
      await Promise.all([following, running]);
      await eventStore.close();
    },
  };
}
