import type { MigrationDescription } from '../../application/ports/hypervisor-driver.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { breakSilentCopy } from './break-silent-copy.ts';
import { isServerError, outcomeOf } from './call-outcome.ts';
import { isPausedByOwner, isRunning, type LibvirtHost } from './libvirt-host.ts';
import { MigrationMarker } from './migration-marker.ts';
import {
  DOMAIN_ABORT_JOB,
  DOMAIN_GET_JOB_STATS,
  DOMAIN_MIGRATE_START_POST_COPY,
  DOMAIN_SUSPEND,
} from './rpc/procedures.ts';
import type { RemoteDomain } from './rpc/remote-objects.ts';

/** virDomainJobType. */
const JOB_NONE = 0;
const JOB_STATS_DEADLINE_MS = 5000;

/** See LiveMigrationSource.abortMigration. Asked on the shared connection, so any process may. */
export async function abortMigration(host: LibvirtHost, description: MigrationDescription): Promise<Outcome<null>> {
  const domain = await ownDomain(host, description);
  if (domain.outcome !== 'succeeded') return domain;
  return domain.value === null ? succeeded(null) : abortJob(host, domain.value);
}

/** Succeeds when no job runs; libvirt refuses once the destination runs on memory that has not come (post-copy). */
export async function abortJob(host: LibvirtHost, domain: RemoteDomain): Promise<Outcome<null>> {
  // Whatever comes of it, the job is aborted: it may have been broken already, and what cannot be broken must end too.
  await breakSilentCopy(host, domain);
  const aborted = await host.connections.call(DOMAIN_ABORT_JOB, { domain });
  if (isServerError(aborted, 'VIR_ERR_NO_DOMAIN')) return succeeded(null);
  if (!isServerError(aborted, 'VIR_ERR_OPERATION_INVALID')) return outcomeOf(aborted, `aborting the migration`);
  const runs = await hasJob(host, domain);
  if (runs.outcome !== 'succeeded') return runs;
  return runs.value ? outcomeOf(aborted, 'aborting the migration') : succeeded(null);
}

/** See LiveMigrationSource.forceComplete. `postCopy`: the migration was begun with that possibility. */
export async function forceComplete(
  host: LibvirtHost,
  description: MigrationDescription,
  postCopy: boolean,
): Promise<Outcome<null>> {
  const domain = await ownDomain(host, description);
  if (domain.outcome !== 'succeeded') return domain;
  const runs = domain.value === null ? domain : await hasJob(host, domain.value);
  if (runs.outcome !== 'succeeded') return runs;
  if (domain.value === null || runs.value === false) {
    return failed(`no copy of ${description.guest.instanceId} runs on ${host.options.host}`);
  }
  if (postCopy) {
    const started = await host.connections.call(DOMAIN_MIGRATE_START_POST_COPY, { domain: domain.value, flags: 0 });
    // Refused while only disks are copied, or by a migration begun before post-copy was configured.
    if (started.outcome !== 'failed') return outcomeOf(started, 'switching to post-copy');
  }
  return suspend(host, domain.value, description);
}

/** The marker first: whoever restores the guest after a crash must know that not its owner has paused it. */
async function suspend(
  host: LibvirtHost,
  domain: RemoteDomain,
  { migrationId, guest }: MigrationDescription,
): Promise<Outcome<null>> {
  const before = await host.state(domain);
  if (before.outcome !== 'succeeded') return before;
  // It stands still: forced before, or by its owner, or because its copy ends at this moment.
  if (!isRunning(before.value)) return succeeded(null);
  const marked = await new MigrationMarker(host, guest.instanceId, migrationId, 'suspended').place();
  if (marked.outcome !== 'succeeded') return marked;
  const suspended = await host.connections.call(DOMAIN_SUSPEND, { domain });
  if (suspended.outcome !== 'succeeded') return outcomeOf(suspended, `suspending ${domain.name}`);
  const after = await host.state(domain);
  if (after.outcome !== 'succeeded') return after;
  if (!isPausedByOwner(after.value)) return succeeded(null);
  // libvirt gives another reason while a migration runs: it had ended just before, with the guest running here.
  const resumed = await host.resume(domain);
  return resumed.outcome === 'succeeded' ? failed(`the copy of ${domain.name} has ended before`) : resumed;
}

/** Null when this migration is not under way on this host: another one's job is not ours to touch. */
async function ownDomain(
  host: LibvirtHost,
  { migrationId, guest }: MigrationDescription,
): Promise<Outcome<RemoteDomain | null>> {
  const found = await host.lookUp(guest.instanceId);
  if (found.outcome !== 'succeeded' || found.value === null) return found;
  const marked = await new MigrationMarker(host, guest.instanceId, migrationId).stands();
  if (marked.outcome !== 'succeeded') return marked;
  return succeeded(marked.value ? found.value : null);
}

async function hasJob(host: LibvirtHost, domain: RemoteDomain): Promise<Outcome<boolean>> {
  const args = { domain, flags: 0 };
  const stats = await host.connections.call(DOMAIN_GET_JOB_STATS, args, JOB_STATS_DEADLINE_MS);
  if (isServerError(stats, 'VIR_ERR_NO_DOMAIN', 'VIR_ERR_OPERATION_INVALID')) return succeeded(false);
  if (stats.outcome !== 'succeeded') return outcomeOf<boolean>(stats, `asking for the job of ${domain.name}`);
  return succeeded(stats.value.type !== JOB_NONE);
}
