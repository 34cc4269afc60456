import type {
  DiskToCopy,
  MigrationDescription,
  MigrationListener,
  SourceFacts,
} from '../../application/ports/hypervisor-driver.ts';
import type { TransferFigures } from '../../domain/migration/saga-events.ts';
import type { InstanceId, MigrationId } from '../../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { outcomeOf } from './call-outcome.ts';
import { definitionFacts } from './domain-disks.ts';
import { withGuest } from './guest-lifecycle.ts';
import { isPausedByOwner, type LibvirtHost } from './libvirt-host.ts';
import { watchProgress } from './migration-progress.ts';
import { figuresOf, MigrationSession } from './migration-session.ts';
import { DOMAIN_ABORT_JOB, DOMAIN_GET_JOB_STATS } from './rpc/procedures.ts';
import type { RemoteDomain } from './rpc/remote-objects.ts';

export const RESCUED_NOT_SUPPORTED =
  'Migration pre-check error: Live migration of rescued instances is not supported by the virt driver on ';

/** Nova's live_migration_completion_timeout: seconds per GiB of memory and disk, with at least two GiB. */
const COMPLETION_SECONDS_PER_GIB = 800;
const COMPLETION_GIB_MIN = 2;
/** After the job was aborted at its deadline, for Perform to say so. */
const ABORT_GRACE_MS = 60_000;
const GIB = 1024 ** 3;
const JOB_STATS_COMPLETED = 1;

/** Answers what the destination must make room for; refuses what cannot travel, by name. */
export async function checkSource(host: LibvirtHost, description: MigrationDescription): Promise<Outcome<SourceFacts>> {
  if (description.rescued && !host.options.supportsLiveMigrateRescued)
    return failed(`${RESCUED_NOT_SUPPORTED}source host.`);
  if (description.blockMigration === false) {
    return failed(
      `${host.options.host} is not on shared storage: Shared storage live-migration requires either shared storage ` +
        'or boot-from-volume with no local disks.',
    );
  }
  const { instanceId } = description.guest;
  return withGuest(host, instanceId, async (domain) => {
    const presence = await host.presence(domain);
    if (presence.outcome !== 'succeeded') return presence;
    const power = presence.value.presence === 'present' ? presence.value.power : 'shutdown';
    if (power !== 'running' && power !== 'paused') {
      return failed(
        `Instance ${instanceId} in power_state ${power}. Cannot live migrate while the instance is in this state.`,
      );
    }
    const definition = await host.definition(domain, 0);
    if (definition.outcome !== 'succeeded') return definition;
    const facts = definitionFacts(definition.value);
    if (facts.unmovable.length > 0)
      return failed(`Migration pre-check error: cannot take along ${facts.unmovable.join(', ')}`);
    const disks = await disksToCopy(host, instanceId, facts.disks);
    if (disks.outcome !== 'succeeded') return disks;
    const { memoryMiB, machineType, architecture } = facts;
    return succeeded({ disks: disks.value, memoryMiB, machineType, architecture });
  });
}

async function disksToCopy(
  host: LibvirtHost,
  instanceId: InstanceId,
  disks: ReturnType<typeof definitionFacts>['disks'],
): Promise<Outcome<readonly DiskToCopy[]>> {
  const directory = host.directory(instanceId);
  const pool = await directory.find();
  if (pool.outcome !== 'succeeded') return pool;
  if (pool.value === null) return failed(`${directory.path} does not exist`);
  const found: DiskToCopy[] = [];
  for (const { path, targetDevice, format, readOnly } of disks) {
    const fileName = path.slice(directory.path.length + 1);
    if (!path.startsWith(`${directory.path}/`) || fileName.includes('/') || readOnly) {
      return failed(`Migration pre-check error: disk ${targetDevice} (${path}) is not one this version can move`);
    }
    if (format !== 'raw' && format !== 'qcow2') return failed(`Migration pre-check error: ${path} is ${format}`);
    const capacity = await directory.capacityBytes(pool.value, fileName);
    if (capacity.outcome !== 'succeeded') return capacity;
    found.push({ fileName, targetDevice, format, capacityBytes: capacity.value });
  }
  return succeeded(found);
}

/** The sessions that still hold a Confirm, by migration. Lost with the process; then the hosts are asked instead. */
export type MigrationSessions = Map<MigrationId, MigrationSession>;

/** See LiveMigrationSource.migrateGuest. */
export async function migrateGuest(
  { source, sessions }: { readonly source: LibvirtHost; readonly sessions: MigrationSessions },
  destination: LibvirtHost,
  description: MigrationDescription,
  listener: MigrationListener,
): Promise<Outcome<TransferFigures>> {
  const opened = await openSession(source, destination, description);
  if (opened.outcome !== 'succeeded') return opened;
  const { session, domain, deadlineMs } = opened.value;
  sessions.set(description.migrationId, session);
  const begun = await session.begin();
  if (begun.outcome !== 'succeeded') return outcomeOf(begun, 'Begin on the source');
  await listener.phaseReached('begun');
  const prepared = await session.prepare();
  if (prepared.outcome !== 'succeeded') return outcomeOf(prepared, 'Prepare on the destination');
  await listener.phaseReached('prepared');
  // In the log before the copy begins: between Perform and Finish the guest stands still, and nothing is written.
  await listener.phaseReached('performing');
  const stopWatching = watchProgress(source, domain, listener.progressed);
  const stopTimer = abortAt(source, domain, deadlineMs);
  const performed = await session.perform();
  stopTimer();
  const finished = await session.finish(performed.outcome !== 'succeeded');
  stopWatching();
  if (performed.outcome !== 'succeeded') return outcomeOf({ ...performed }, 'Copying the guest');
  if (finished.outcome !== 'succeeded') return outcomeOf({ ...finished }, 'Finish on the destination');
  return succeeded(await completedFigures(destination, finished.value));
}

type Opened = { readonly session: MigrationSession; readonly domain: RemoteDomain; readonly deadlineMs: number };

async function openSession(
  source: LibvirtHost,
  destination: LibvirtHost,
  description: MigrationDescription,
): Promise<Outcome<Opened>> {
  const facts = await checkSource(source, description);
  if (facts.outcome !== 'succeeded') return facts;
  return withGuest(source, description.guest.instanceId, async (domain) => {
    const state = await source.state(domain);
    if (state.outcome !== 'succeeded') return state;
    const deadlineMs = completionDeadlineMs(facts.value);
    const [from, to] = await Promise.all([source.connections.dedicated(), destination.connections.dedicated()]);
    if (from.outcome !== 'succeeded') return outcomeOf(from, 'opening a connection to the source');
    if (to.outcome !== 'succeeded') return outcomeOf(to, 'opening a connection to the destination');
    const session = new MigrationSession(from.value, to.value, {
      domain,
      migrationAddress: destination.options.migrationAddress,
      disksToCopy: facts.value.disks.map(({ targetDevice }) => targetDevice),
      paused: isPausedByOwner(state.value),
      transferDeadlineMs: deadlineMs + ABORT_GRACE_MS,
    });
    return succeeded({ session, domain, deadlineMs });
  });
}

function completionDeadlineMs({ disks, memoryMiB }: SourceFacts): number {
  const bytes = disks.reduce((sum, { capacityBytes }) => sum + capacityBytes, memoryMiB * 1024 * 1024);
  return Math.max(COMPLETION_GIB_MIN, Math.ceil(bytes / GIB)) * COMPLETION_SECONDS_PER_GIB * 1000;
}

/** Ends a copy that does not converge; Perform then says that it was cancelled. */
function abortAt(source: LibvirtHost, domain: RemoteDomain, deadlineMs: number): () => void {
  const timer = setTimeout(
    () => void source.connections.call(DOMAIN_ABORT_JOB, { domain }),
    Math.min(deadlineMs, 2 ** 31 - 1),
  );
  return () => clearTimeout(timer);
}

async function completedFigures(destination: LibvirtHost, domain: RemoteDomain): Promise<TransferFigures> {
  const stats = await destination.connections.call(DOMAIN_GET_JOB_STATS, { domain, flags: JOB_STATS_COMPLETED });
  return figuresOf(stats.outcome === 'succeeded' ? stats.value.params : []);
}

/** See LiveMigrationSource.confirmSource. Without a session the hosts' states were asked by the saga, and say the same. */
export async function confirmSource(
  { source, sessions }: { readonly source: LibvirtHost; readonly sessions: MigrationSessions },
  { migrationId, guest }: MigrationDescription,
): Promise<Outcome<null>> {
  const session = sessions.get(migrationId);
  if (session !== undefined) {
    await session.confirm(false);
    sessions.delete(migrationId);
    await session.close();
  }
  const found = await source.lookUp(guest.instanceId);
  if (found.outcome !== 'succeeded') return found;
  const domain = found.value;
  if (domain === null) return succeeded(null);
  const presence = await source.presence(domain);
  if (presence.outcome !== 'succeeded') return presence;
  if (presence.value.presence === 'present' && presence.value.power === 'running') {
    return failed(`the guest runs on ${source.options.host} too; nothing is removed there`);
  }
  const off = await source.powerOff(domain);
  return off.outcome === 'succeeded' ? source.undefine(domain) : off;
}

/** See LiveMigrationSource.restoreSource. */
export async function restoreSource(
  { source, sessions }: { readonly source: LibvirtHost; readonly sessions: MigrationSessions },
  { migrationId, guest }: MigrationDescription,
): Promise<Outcome<null>> {
  const session = sessions.get(migrationId);
  if (session !== undefined) {
    await session.confirm(true);
    sessions.delete(migrationId);
    await session.close();
  }
  return withGuest(source, guest.instanceId, async (domain) => {
    const state = await source.state(domain);
    if (state.outcome !== 'succeeded') return state;
    const presence = await source.presence(domain);
    if (presence.outcome !== 'succeeded') return presence;
    const paused = presence.value.presence === 'present' && presence.value.power === 'paused';
    return paused && !isPausedByOwner(state.value) ? source.resume(domain) : succeeded(null);
  });
}

/** See LiveMigrationSource.clearSource. */
export async function clearSource(source: LibvirtHost, instanceId: InstanceId): Promise<Outcome<null>> {
  const found = await source.lookUp(instanceId);
  if (found.outcome !== 'succeeded') return found;
  if (found.value !== null) return failed(`${source.options.host} still has a guest ${instanceId}; its files stay`);
  return source.directory(instanceId).remove();
}
