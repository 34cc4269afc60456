import type {
  MigrationDescription,
  MigrationListener,
  SourceFacts,
} from '../../application/ports/hypervisor-driver.ts';
import type { MigrationPhase, TransferFigures } from '../../domain/migration/saga-events.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { outcomeOf } from './call-outcome.ts';
import { withGuest } from './guest-lifecycle.ts';
import { isPausedByOwner, type LibvirtHost } from './libvirt-host.ts';
import { MigrationMarker } from './migration-marker.ts';
import { watchProgress } from './migration-progress.ts';
import { permitDowntime } from './permitted-downtime.ts';
import { figuresOf, MigrationSession, type MigrationSessions } from './migration-session.ts';
import { checkSource } from './migration-source.ts';
import { DOMAIN_ABORT_JOB, DOMAIN_GET_JOB_STATS } from './rpc/procedures.ts';
import type { RemoteDomain } from './rpc/remote-objects.ts';

/** Nova's live_migration_completion_timeout: seconds per GiB of memory and disk, with at least two GiB. */
const COMPLETION_SECONDS_PER_GIB = 800;
const COMPLETION_GIB_MIN = 2;
/** After the job was aborted at its deadline, for Perform to say so. */
const ABORT_GRACE_MS = 60_000;
const TIMER_MS_MAX = 2 ** 31 - 1;
const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
/** virDomainGetJobStatsFlags: of the completed job, and keep them for whoever asks again. */
const JOB_STATS_COMPLETED = 1 | 2;

type Migration = {
  readonly source: LibvirtHost;
  readonly destination: LibvirtHost;
  readonly session: MigrationSession;
  readonly domain: RemoteDomain;
  readonly gibToCopy: number;
  readonly listener: MigrationListener;
};

/** See LiveMigrationSource.migrateGuest. */
export async function migrateGuest(
  { source, sessions }: { readonly source: LibvirtHost; readonly sessions: MigrationSessions },
  destination: LibvirtHost,
  description: MigrationDescription,
  listener: MigrationListener,
): Promise<Outcome<TransferFigures>> {
  const { migrationId, guest } = description;
  const earlier = sessions.get(migrationId);
  if (earlier?.hasArrived === true) {
    return withGuest(destination, guest.instanceId, async (domain) => succeeded(await figures(destination, domain)));
  }
  await earlier?.cancel();
  await earlier?.close();
  sessions.delete(migrationId);
  const [marked, opened] = await Promise.all([
    new MigrationMarker(source, guest.instanceId, migrationId).place(),
    openSession(source, destination, description),
  ]);
  if (opened.outcome !== 'succeeded') return opened;
  if (marked.outcome !== 'succeeded') {
    await opened.value.session.close();
    return marked;
  }
  const { session } = opened.value;
  sessions.set(migrationId, session);
  const migrated = await runPhases({ ...opened.value, source, destination, listener });
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

async function copyAndFinish({
  source,
  session,
  domain,
  gibToCopy,
  listener,
}: Migration): Promise<Outcome<RemoteDomain>> {
  const stopRaising = await permitDowntime(source, domain, gibToCopy);
  const stopWatching = watchProgress(source, domain, listener.progressed);
  const abort = (): void => void source.connections.call(DOMAIN_ABORT_JOB, { domain });
  // Does not converge, or nobody is left who could finish: Perform then says that it was cancelled, and nothing stands still.
  const timer = setTimeout(abort, completionDeadlineMs(gibToCopy));
  const stopListening = session.onDestinationLost(abort);
  const performed = await session.perform();
  // Nothing stands between the two: the guest does.
  const finished = performed.outcome === 'succeeded' ? await session.finish() : null;
  clearTimeout(timer);
  stopListening();
  stopRaising();
  stopWatching();
  if (performed.outcome !== 'succeeded') return outcomeOf<never>(performed, 'Copying the guest');
  if (finished === null) throw new Error('copyAndFinish: a copy that succeeded was not finished');
  return outcomeOf(finished, 'Finish on the destination');
}

async function openSession(
  source: LibvirtHost,
  destination: LibvirtHost,
  description: MigrationDescription,
): Promise<Outcome<Pick<Migration, 'session' | 'domain' | 'gibToCopy'>>> {
  const facts = await checkSource(source, description);
  if (facts.outcome !== 'succeeded') return facts;
  return withGuest(source, description.guest.instanceId, async (domain) => {
    const state = await source.state(domain);
    if (state.outcome !== 'succeeded') return state;
    const gibToCopy = gibOf(facts.value);
    const [from, to] = await Promise.all([source.connections.dedicated(), destination.connections.dedicated()]);
    if (from.outcome !== 'succeeded' || to.outcome !== 'succeeded') {
      await Promise.all([from, to].map(async (opened) => opened.outcome === 'succeeded' && opened.value.close()));
      if (from.outcome !== 'succeeded') return outcomeOf(from, 'opening a connection to the source');
      if (to.outcome !== 'succeeded') return outcomeOf(to, 'opening a connection to the destination');
    }
    const session = new MigrationSession(from.value, to.value, {
      domain,
      migrationAddress: destination.options.migrationAddress,
      disksToCopy: facts.value.disks.map(({ targetDevice }) => targetDevice),
      paused: isPausedByOwner(state.value),
      transferDeadlineMs: completionDeadlineMs(gibToCopy) + ABORT_GRACE_MS,
    });
    return succeeded({ session, domain, gibToCopy });
  });
}

function gibOf({ disks, memoryMiB }: SourceFacts): number {
  return Math.ceil(disks.reduce((sum, { capacityBytes }) => sum + capacityBytes, memoryMiB * MIB) / GIB);
}

function completionDeadlineMs(gibToCopy: number): number {
  const seconds = Math.max(COMPLETION_GIB_MIN, gibToCopy) * COMPLETION_SECONDS_PER_GIB;
  return Math.min(seconds * 1000, TIMER_MS_MAX - ABORT_GRACE_MS);
}

async function figures(destination: LibvirtHost, domain: RemoteDomain): Promise<TransferFigures> {
  const stats = await destination.connections.call(DOMAIN_GET_JOB_STATS, { domain, flags: JOB_STATS_COMPLETED });
  return figuresOf(stats.outcome === 'succeeded' ? stats.value.params : []);
}
