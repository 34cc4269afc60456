import { Container } from 'inversify';
import { ComputeApi } from '../../application/compute-api.ts';
import { FlavorCatalogue } from '../../application/flavor-catalogue.ts';
import { ComputeHosts } from '../../application/compute-hosts.ts';
import { ComputeServiceReporter } from '../../application/compute-service-reporter.ts';
import { MigrationProgressBoard } from '../../application/migration-progress-board.ts';
import type { Clock } from '../../application/ports/clock.ts';
import type { Log } from '../../application/ports/log.ts';
import { Slots } from '../../application/slots.ts';
import { hostName, serviceVersion, type HostName, type ServiceVersion } from '../../domain/shared/ids.ts';
import { openEventStore } from '../event-store/open-event-store.ts';
import { RandomIdSource } from '../system/random-id-source.ts';
import { SystemClock } from '../system/system-clock.ts';
import { bindLease } from './bind-lease.ts';
import { bindWatches } from './bind-watches.ts';
import { chainingTold } from './chaining-told.ts';
import { ConfiguredFlavors } from './configured-flavors.ts';
import type { Configuration } from './configuration.ts';
import { NO_HYPERVISORS, openHypervisors } from './hypervisors.ts';
import { openIdentity } from './identities.ts';
import { openImageService } from './image-services.ts';
import { shareSimulatedCloud } from './shared-simulated-cloud.ts';
import { ALL_IN_ONE, type ProcessRole } from './process-role.ts';
import { newViews, openViewSnapshots } from './open-views.ts';
import { TOKENS } from './tokens.ts';

const MS_PER_SECOND = 1000;

/** The only place that knows every adapter. Rejects with a sentence for the operator when the store cannot be opened. */
export async function compose(
  configuration: Configuration,
  log: Log,
  { clock = new SystemClock(), role = ALL_IN_ONE }: { readonly clock?: Clock; readonly role?: ProcessRole } = {},
): Promise<Container> {
  const identity = openIdentity(configuration, clock);
  const store = await openEventStore({ key: 'store', url: configuration.store }, clock, chainingTold(log));
  const container = new Container({ defaultScope: 'Singleton' });
  container.bind(TOKENS.clock).toConstantValue(clock);
  container.bind(TOKENS.log).toConstantValue(log);
  container.bind(TOKENS.identity).toConstantValue(identity);
  container.bind(TOKENS.ids).toConstantValue(new RandomIdSource());
  container.bind(TOKENS.eventStore).toConstantValue(store.eventStore);
  container.bind(TOKENS.checkpoints).toConstantValue(store.checkpointStore);
  container.bind(TOKENS.latestValues).toConstantValue(store.latestValues);
  container.bind(TOKENS.sharedCloud).toDynamicValue((c) => shareSimulatedCloud(configuration, c.get(TOKENS.lease)));
  container
    .bind(TOKENS.images)
    .toDynamicValue((c) => openImageService(configuration, { clock, log, shared: c.get(TOKENS.sharedCloud) }));
  container.bind(TOKENS.hypervisors).toDynamicValue((c) =>
    role.role === 'api'
      ? NO_HYPERVISORS
      : openHypervisors(configuration, {
          images: c.get(TOKENS.images),
          clock,
          shared: c.get(TOKENS.sharedCloud),
          mayAct: () => c.get(TOKENS.lease).isGood,
        }),
  );
  container.bind(TOKENS.hosts).toDynamicValue((c) => new ComputeHosts(c.get(TOKENS.hypervisors).drivers, []));
  container.bind(TOKENS.transfer).toDynamicValue((c) => c.get(TOKENS.hypervisors).transfer);
  const views = newViews(log);
  container.bind(TOKENS.views).toConstantValue(views);
  container.bind(TOKENS.viewSnapshots).toDynamicValue(() => openViewSnapshots(configuration, log));
  const configured = new ConfiguredFlavors(configuration.flavors);
  container.bind(TOKENS.flavors).toConstantValue(new FlavorCatalogue(configured, views));
  container.bind(TOKENS.progress).toConstantValue(new MigrationProgressBoard());
  bindLease(container, configuration, role);
  bindUseCases(container, configuration);
  bindWatches(container, configuration);
  return container;
}

function bindUseCases(container: Container, configuration: Configuration): void {
  container.bind(TOKENS.computeApi).toDynamicValue(
    (c) =>
      new ComputeApi({
        eventStore: c.get(TOKENS.eventStore),
        ids: c.get(TOKENS.ids),
        clock: c.get(TOKENS.clock),
        views: c.get(TOKENS.views),
        images: c.get(TOKENS.images),
        flavors: c.get(TOKENS.flavors),
      }),
  );
  container.bind(TOKENS.reporter).toDynamicValue((c) => {
    const heartbeatMs = configuration.heartbeatSeconds * MS_PER_SECOND;
    const dependencies = {
      computeApi: c.get(TOKENS.computeApi),
      hosts: c.get(TOKENS.hosts),
      views: c.get(TOKENS.views),
      clock: c.get(TOKENS.clock),
      ids: c.get(TOKENS.ids),
      log: c.get(TOKENS.log),
      heartbeatMs,
    };
    return new ComputeServiceReporter(dependencies, reportedVersions(configuration));
  });
  container.bind(TOKENS.saga).toDynamicValue((c) => ({
    eventStore: c.get(TOKENS.eventStore),
    ids: c.get(TOKENS.ids),
    clock: c.get(TOKENS.clock),
    views: c.get(TOKENS.views),
    hosts: c.get(TOKENS.hosts),
    images: c.get(TOKENS.images),
    transfer: c.get(TOKENS.transfer),
    progress: c.get(TOKENS.progress),
    log: c.get(TOKENS.log),
    slots: new Slots(configuration.maxConcurrentLiveMigrations),
    lease: c.get(TOKENS.lease),
  }));
  container.bind(TOKENS.http).toDynamicValue((c) => ({
    computeApi: c.get(TOKENS.computeApi),
    views: c.get(TOKENS.views),
    computeHosts: c.get(TOKENS.hosts),
    progress: c.get(TOKENS.progress),
    images: c.get(TOKENS.images),
    flavors: c.get(TOKENS.flavors),
    networks: configuration.networks,
    clock: c.get(TOKENS.clock),
    ids: c.get(TOKENS.ids),
    identity: c.get(TOKENS.identity).identity,
    identityService: c.get(TOKENS.identity).service,
    reportError: (requestId: string, error: Error) =>
      c.get(TOKENS.log).error({ requestId, error }, 'A request could not be answered.'),
    options: { linkPrefix: configuration.linkPrefix, servesImages: configuration.images.kind !== 'glance' },
  }));
}

/** What each host's compute service reports, by the configuration. */
export function reportedVersions({ hosts }: Configuration): ReadonlyMap<HostName, ServiceVersion> {
  return new Map(hosts.map((host) => [hostName(host.name), serviceVersion(host.serviceVersion)]));
}
