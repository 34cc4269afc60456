import type { PresentInstance } from '../domain/instance/instance-state.ts';
import { powerStateIn } from '../domain/migration/power-state-refusal.ts';
import type { PreCheck } from '../domain/migration/saga-events.ts';
import type { Forward } from '../domain/migration/saga-state.ts';
import { isUp } from '../domain/service-version/compute-service-state.ts';
import { chooseHosts, noValidHost, withReasons, type Candidate } from '../domain/scheduling/choose-host.ts';
import type { HostName } from '../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../domain/shared/outcome.ts';
import { candidatesOf } from './candidates.ts';
import type { HypervisorDriver, MigrationDescription, SourceFacts } from './ports/hypervisor-driver.ts';
import type { SagaDependencies } from './saga-step-dependencies.ts';
import { sourceFacts } from './source-facts.ts';

export type Selection =
  | { readonly selected: true; readonly destination: HostName; readonly checks: readonly PreCheck[] }
  | { readonly selected: false; readonly reason: string; readonly checks: readonly PreCheck[] };

/**
 * Nova's conductor task (nova.md B.4, B.5): asks one host after another whether it can take the guest. A refusal means
 * the next host; when none is left the answer is NoValidHost and the reasons stand in the checks.
 */
export async function selectDestination(
  dependencies: SagaDependencies,
  saga: Forward,
  instance: PresentInstance,
  description: MigrationDescription,
): Promise<Selection> {
  const { views, hosts } = dependencies;
  const checks: PreCheck[] = [];
  const source = hosts.driver(saga.source);
  const service = views.computeServices.find(saga.source);
  if (source === null || service === null || !isUp(service)) {
    return { selected: false, reason: `Compute service of ${saga.source} is unavailable at this time.`, checks };
  }
  const refused = (reason: string): Selection => ({ selected: false, reason, checks });
  const candidates = candidatesOf(views, hosts, instance);
  const forced = views.migrations.find(saga.migrationId)?.bypassesScheduler === true ? saga.requestedHost : null;
  if (forced !== null) {
    const unfit = refuseForcedHost(candidates, saga, instance, forced);
    if (unfit !== null) return refused(unfit);
  }
  const choice = chooseHosts(candidates, instance.flavor, saga.requestedHost, [saga.source]);
  for (const host of forced === null ? choice.hosts : [forced]) {
    const answer = await checkHost(dependencies, { source, host, description, checks });
    if (answer === null) return { selected: true, destination: host, checks };
    // Of no use to ask another host about a guest that is off, and a forced host is the only one.
    if (answer.powerState !== null) return refused(answer.powerState);
    if (forced !== null) return refused(answer.refusal);
  }
  // Whoever was asked has an event of his own; that the server does not go where it is needs no reason.
  const unasked = choice.refused.filter(({ host }) => host !== saga.source);
  return refused(withReasons(noValidHost(candidates, instance.flavor, saga.requestedHost), unasked));
}

/** Nova's checks of a host that bypasses the scheduler (nova.md B.4 5b): it may be disabled, but must be up and have room. */
function refuseForcedHost(
  candidates: readonly Candidate[],
  { source }: Forward,
  { instanceId, flavor }: PresentInstance,
  forced: HostName,
): string | null {
  if (forced === source) return `Unable to migrate instance (${instanceId}) to current host (${forced}).`;
  const candidate = candidates.find(({ host }) => host === forced);
  if (candidate?.up !== true) return `Compute service of ${forced} is unavailable at this time.`;
  const free = candidate.memoryFreeMiB ?? 0;
  return free > flavor.ramMiB
    ? null
    : `Migration pre-check error: Unable to migrate ${instanceId} to ${forced}: Lack of memory(host:${free} <= instance:${flavor.ramMiB})`;
}

type Check = {
  readonly source: HypervisorDriver;
  readonly host: HostName;
  readonly description: MigrationDescription;
  readonly checks: PreCheck[];
};

type HostRefusal = {
  readonly refusal: string;
  /** The source's own word about a guest that is off. */
  readonly powerState: string | null;
};

async function checkHost(dependencies: SagaDependencies, check: Check): Promise<HostRefusal | null> {
  const { clock, hosts } = dependencies;
  const { source, host, description, checks } = check;
  const destination = hosts.driver(host);
  const startedAt = clock.now();
  const facts =
    destination === null ? await source.checkSource(description) : await sourceFacts(source, destination, description);
  const sourceCheckedAt = clock.now();
  const answer = await askDestination(destination, description, facts, source.host);
  const refusal = refusalOf(answer);
  checks.push(
    { name: 'check_can_live_migrate_destination', host, startedAt, finishedAt: clock.now(), refusal },
    // Begun by the destination's check, so it stands behind it (nova.md F.4).
    {
      name: 'check_can_live_migrate_source',
      host: source.host,
      startedAt,
      finishedAt: sourceCheckedAt,
      refusal: refusalOf(facts),
    },
  );
  if (refusal === null) return null;
  const ofSource = refusalOf(facts);
  return { refusal, powerState: ofSource !== null && powerStateIn(ofSource) !== null ? ofSource : null };
}

async function askDestination(
  destination: HypervisorDriver | null,
  description: MigrationDescription,
  source: Outcome<SourceFacts>,
  sourceHost: HostName,
): Promise<Outcome<null>> {
  if (destination === null) return failed('Its compute service is not run by this process.');
  // Nova wraps the source's refusal on the destination (nova.md B.5); an operator sees both events.
  if (source.outcome !== 'succeeded') {
    return failed(
      `Error while check_can_live_migrate_source from ${sourceHost} to host ${destination.host}: ` +
        `MigrationPreCheckError ${source.reason}`,
    );
  }
  const answer = await destination.checkDestination(description, source.value);
  return answer.outcome === 'succeeded' ? succeeded(null) : answer;
}

function refusalOf(answer: Outcome<unknown>): string | null {
  return answer.outcome === 'succeeded' ? null : answer.reason;
}
