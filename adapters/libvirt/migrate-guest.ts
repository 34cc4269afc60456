import type { Clock } from '../../application/ports/clock.ts';
import type {
  MigrationDescription,
  MigrationListener,
  SourceFacts,
} from '../../application/ports/hypervisor-driver.ts';
import type { ImageService } from '../../application/ports/image-service.ts';
import type { MigrationPhase, TransferFigures } from '../../domain/migration/saga-events.ts';
import { allOf, failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { outcomeOf } from './call-outcome.ts';
import { withGuest } from './guest-lifecycle.ts';
import { placeOn } from './guest-place.ts';
import { inactiveDefinition } from './inactive-definition.ts';
import { isPausedByOwner, XML_MIGRATABLE, type LibvirtHost } from './libvirt-host.ts';
import type { LiveMigrationSettings } from './live-migration-settings.ts';
import { MigrationMarker } from './migration-marker.ts';
import { abortJob, forceComplete } from './migration-levers.ts';
import { migrationProgress } from './migration-progress.ts';
import { ABORT_GRACE_MS, copyLimits, MigrationWatch, type CopyLimits } from './migration-watch.ts';
import { permitDowntime } from './permitted-downtime.ts';
import { figuresOf, MigrationSession, type MigrationPlan, type MigrationSessions } from './migration-session.ts';
import { createLayeredDisks, withoutLayers } from './layered-disks.ts';
import { createDisks } from './migration-destination.ts';
import { leavingDefinition } from './migration-source.ts';
import { placeDefinition } from './place-definition.ts';
import { removeCopyNodes, saysNodesAreLeft } from './remove-copy-nodes.ts';
import { DOMAIN_GET_JOB_STATS } from './rpc/procedures.ts';
import type { RemoteDomain } from './rpc/remote-objects.ts';

const TIMER_MS_MAX = 2 ** 31 - 1;
const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
/** virDomainGetJobStatsFlags: of the completed job, and keep them for whoever asks again. */
const JOB_STATS_COMPLETED = 1 | 2;

/** What one process knows and has for the migrations that leave a host. */
export type MigrationTools = {
  readonly source: LibvirtHost;
  readonly images: ImageService;
  readonly sessions: MigrationSessions;
  readonly settings: LiveMigrationSettings;
  readonly clock: Clock;
};

/** See LiveMigrationSource.migrateGuest. */
export type MigrationRequest = {
  readonly description: MigrationDescription;
  readonly destination: LibvirtHost;
  readonly facts: SourceFacts;
  readonly listener: MigrationListener;
};

type Migration = MigrationRequest & {
  readonly tools: MigrationTools;
  readonly session: MigrationSession;
  readonly domain: RemoteDomain;
  readonly gibToCopy: number;
};

/** See LiveMigrationSource.migrateGuest. */
export async function migrateGuest(
  tools: MigrationTools,
  request: MigrationRequest,
): Promise<Outcome<TransferFigures>> {
  const { source, sessions } = tools;
  const { description, destination, facts } = request;
  const { migrationId, guest } = description;
  const earlier = sessions.get(migrationId);
  if (earlier?.hasArrived === true) {
    return withGuest(destination, guest.instanceId, async (domain) => succeeded(await figures(destination, domain)));
  }
  await earlier?.cancel();
  await earlier?.close();
  sessions.delete(migrationId);
  const [marked, created, layered, opened] = await Promise.all([
    new MigrationMarker(source, guest.instanceId, migrationId).place(),
    createDisks(destination, description, facts),
    createLayeredDisks(tools, request),
    openSession(tools, request),
  ]);
  if (opened.outcome !== 'succeeded') return opened;
  const ready = allOf([marked, created, layered]);
  if (ready.outcome !== 'succeeded') {
    await opened.value.session.close();
    return ready;
  }
  const { session } = opened.value;
  sessions.set(migrationId, session);
  const migrated = await runPhases({ ...request, ...opened.value, tools });
  if (!session.hasArrived) await session.abandonDestination();
  return migrated;
}

async function runPhases(migration: Migration): Promise<Outcome<TransferFigures>> {
  const { session, destination, listener } = migration;
  const begun = await session.begin();
  if (begun.outcome !== 'succeeded') return outcomeOf(begun, 'Begin on the source');
  const told = await reach(listener, 'begun');
  if (told.outcome !== 'succeeded') return told;
  const prepared = await session.prepare();
  if (prepared.outcome !== 'succeeded') return outcomeOf(prepared, 'Prepare on the destination');
  // In the log before the copy begins: between Perform and Finish the guest stands still, and nothing is written.
  for (const phase of ['prepared', 'performing'] as const) {
    const recorded = await reach(listener, phase);
    if (recorded.outcome !== 'succeeded') return recorded;
  }
  const copied = await copyAndFinish(migration);
  return copied.outcome === 'succeeded' ? succeeded(await figures(destination, copied.value)) : copied;
}

async function reach(listener: MigrationListener, phase: MigrationPhase): Promise<Outcome<null>> {
  try {
    await listener.phaseReached(phase);
    return succeeded(null);
  } catch (error) {
    return failed(`stopped at phase ${phase}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function copyAndFinish(migration: Migration): Promise<Outcome<RemoteDomain>> {
  const { tools, session, domain, gibToCopy } = migration;
  const permitted = await permitDowntime(tools.source, domain, tools.settings, gibToCopy);
  if (permitted.outcome !== 'succeeded') return permitted;
  const watch = watchOver(migration);
  watch.start();
  // Nobody is left who could finish: better the guest runs on than stands still.
  const stopListening = session.onDestinationLost((reason) => void watch.abort(`the destination was lost: ${reason}`));
  const performed = await session.perform();
  // With post-copy the memory still comes; otherwise nobody may stop any more what only has to be started.
  if (!tools.settings.postCopy) watch.stop();
  // Nothing stands between the two: the guest does.
  const finished = performed.outcome === 'succeeded' ? await session.finish() : null;
  stopListening();
  permitted.value();
  watch.stop();
  if (performed.outcome !== 'succeeded') {
    const { abortedBecause } = watch;
    const doing = abortedBecause === null ? 'Copying the guest' : `Copying the guest was aborted: ${abortedBecause}`;
    const failure = outcomeOf<never>(performed, doing);
    // For the next attempt: of this one libvirt has told the end.
    if (failure.outcome === 'failed' && saysNodesAreLeft(failure.reason)) await removeCopyNodes(tools.source, domain);
    return failure;
  }
  if (finished === null) throw new Error('copyAndFinish: a copy that succeeded was not finished');
  return outcomeOf(finished, 'Finish on the destination');
}

function watchOver({ tools, description, session, domain, gibToCopy, listener }: Migration): MigrationWatch {
  const { source, settings, clock } = tools;
  const copy = {
    progress: () => migrationProgress(source, domain),
    progressed: listener.progressed,
    abort: () => abortJob(source, domain),
    force: () => forceComplete(source, description, settings.postCopy),
    giveUp: () => session.giveUp('the copy was told to stop and did not'),
  };
  return new MigrationWatch(copy, copyLimits(settings, gibToCopy), clock);
}

async function openSession(
  { source, settings }: MigrationTools,
  { destination, description, facts }: MigrationRequest,
): Promise<Outcome<Pick<Migration, 'session' | 'domain' | 'gibToCopy'>>> {
  return withGuest(source, description.guest.instanceId, async (domain) => {
    const [state, definitions] = await Promise.all([
      source.state(domain),
      definitionsAt(destination, { source, domain, description, facts }),
    ]);
    if (state.outcome !== 'succeeded') return state;
    if (definitions.outcome !== 'succeeded') return definitions;
    const gibToCopy = gibOf(facts);
    const [from, to] = await Promise.all([source.connections.dedicated(), destination.connections.dedicated()]);
    if (from.outcome !== 'succeeded' || to.outcome !== 'succeeded') {
      await Promise.all([from, to].map(async (opened) => opened.outcome === 'succeeded' && opened.value.close()));
      if (from.outcome !== 'succeeded') return outcomeOf(from, 'opening a connection to the source');
      if (to.outcome !== 'succeeded') return outcomeOf(to, 'opening a connection to the destination');
    }
    const session = new MigrationSession(from.value, to.value, {
      domain,
      migrationAddress: destination.options.migrationAddress,
      ...definitions.value,
      disksToCopy: facts.disks.map(({ targetDevice }) => targetDevice),
      layered: facts.disks.some(({ cachedImage }) => cachedImage !== undefined),
      sharedStorage: facts.sharedDirectory || facts.pooledDisks.length > 0,
      paused: isPausedByOwner(state.value),
      settings,
      transferDeadlineMs: transferDeadlineMs(copyLimits(settings, gibToCopy)),
    });
    return succeeded({ session, domain, gibToCopy });
  });
}

type Leaving = {
  readonly source: LibvirtHost;
  readonly domain: RemoteDomain;
  readonly description: MigrationDescription;
  readonly facts: SourceFacts;
};

/** Both definitions as they have to read at the destination: what runs there, and what libvirt starts there next. */
async function definitionsAt(
  { options }: LibvirtHost,
  { source, domain, description, facts }: Leaving,
): Promise<Outcome<Pick<MigrationPlan, 'definition' | 'persistentDefinition'>>> {
  const place = placeOn(options, description.guest);
  if (place.outcome !== 'succeeded') return place;
  const [leaving, inactive] = await Promise.all([
    leavingDefinition(source, domain, description, facts),
    inactiveDefinition(source, domain, XML_MIGRATABLE),
  ]);
  if (leaving.outcome !== 'succeeded') return leaving;
  if (inactive.outcome !== 'succeeded') return inactive;
  const running = placeDefinition(withoutLayers(leaving.value), place.value);
  if (running.outcome !== 'succeeded') return running;
  const persistent = placeDefinition(inactive.value, place.value);
  if (persistent.outcome !== 'succeeded') return persistent;
  return succeeded({ definition: running.value, persistentDefinition: persistent.value });
}

function gibOf({ disks, memoryMiB }: SourceFacts): number {
  return Math.ceil(disks.reduce((sum, { capacityBytes }) => sum + capacityBytes, memoryMiB * MIB) / GIB);
}

/** The last resort, when every lever has failed. */
function transferDeadlineMs({ completionMs, forcedMs }: CopyLimits): number {
  return completionMs === null ? TIMER_MS_MAX : Math.min(TIMER_MS_MAX, completionMs + forcedMs + 2 * ABORT_GRACE_MS);
}

async function figures(destination: LibvirtHost, domain: RemoteDomain): Promise<TransferFigures> {
  const stats = await destination.connections.call(DOMAIN_GET_JOB_STATS, { domain, flags: JOB_STATS_COMPLETED });
  return figuresOf(stats.outcome === 'succeeded' ? stats.value.params : []);
}
