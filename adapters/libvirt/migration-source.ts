import { wrongPowerState } from '../../domain/migration/power-state-refusal.ts';
import { directoryContent } from './directory-content.ts';
import type { MigrationDescription, SourceFacts } from '../../application/ports/hypervisor-driver.ts';
import type { InstanceId } from '../../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { definitionFacts } from './domain-disks.ts';
import { withGuest } from './guest-lifecycle.ts';
import { MigrationMarker } from './migration-marker.ts';
import {
  isPausedByOwner,
  isPausedForMigration,
  isPausedPostCopy,
  XML_MIGRATABLE,
  XML_SECURE,
  type LibvirtHost,
} from './libvirt-host.ts';
import type { MigrationSessions } from './migration-session.ts';
import { removeCopyNodes } from './remove-copy-nodes.ts';
import type { RemoteDomain } from './rpc/remote-objects.ts';

export const RESCUED_NOT_SUPPORTED =
  'Migration pre-check error: Live migration of rescued instances is not supported by the virt driver on ';

/** Answers what the destination must make room for; refuses what cannot travel, by name. */
export async function checkSource(host: LibvirtHost, description: MigrationDescription): Promise<Outcome<SourceFacts>> {
  if (description.rescued && !host.options.supportsLiveMigrateRescued)
    return failed(`${RESCUED_NOT_SUPPORTED}source host.`);
  const { instanceId } = description.guest;
  return withGuest(host, instanceId, async (domain) => {
    const definition = await movableDefinition(host, domain, instanceId);
    if (definition.outcome !== 'succeeded') return definition;
    const found = await directoryContent(host, instanceId, definition.value);
    if (found.outcome !== 'succeeded') return found;
    const { memoryMiB } = definitionFacts(definition.value);
    return succeeded({ ...found.value, sharedDirectory: false, memoryMiB, definition: definition.value });
  });
}

/** The definition of a guest that runs or is paused, and that nothing ties to this host. */
async function movableDefinition(
  host: LibvirtHost,
  domain: RemoteDomain,
  instanceId: InstanceId,
): Promise<Outcome<string>> {
  const presence = await host.presence(domain);
  if (presence.outcome !== 'succeeded') return presence;
  const power = presence.value.presence === 'present' ? presence.value.power : 'shutdown';
  if (power !== 'running' && power !== 'paused') {
    return failed(wrongPowerState(instanceId, power === 'crashed' ? power : 'shutdown'));
  }
  const definition = await host.definition(domain, XML_SECURE | XML_MIGRATABLE);
  if (definition.outcome !== 'succeeded') return definition;
  const { unmovable } = definitionFacts(definition.value);
  return unmovable.length === 0
    ? definition
    : failed(`Migration pre-check error: cannot take along ${unmovable.join(', ')}`);
}

const disksOf = (definition: string): string => JSON.stringify(definitionFacts(definition).disks);

/**
 * The definition at the last moment before the guest leaves. A disk that has come or gone since the facts were asked
 * (by another hand: the server takes no requests meanwhile) would stay behind or be missed.
 */
export async function leavingDefinition(
  host: LibvirtHost,
  domain: RemoteDomain,
  { guest }: MigrationDescription,
  checked: SourceFacts,
): Promise<Outcome<string>> {
  const definition = await movableDefinition(host, domain, guest.instanceId);
  if (definition.outcome !== 'succeeded') return definition;
  return disksOf(definition.value) === disksOf(checked.definition)
    ? definition
    : failed(`the disks of ${domain.name} have changed since they were looked at; migrate it again`);
}

/**
 * See LiveMigrationSource.confirmSource. Without a session the hosts were asked by the saga; then the marker says that
 * the copy here waits for this migration and is not a server that its owner has paused or stopped since.
 */
export async function confirmSource(
  { source, sessions }: { readonly source: LibvirtHost; readonly sessions: MigrationSessions },
  { migrationId, guest }: MigrationDescription,
): Promise<Outcome<null>> {
  const session = sessions.get(migrationId);
  if (session !== undefined) {
    // An answered Finish lets Confirm remove the copy; otherwise it stays as it is when the session ends, and is judged.
    if (session.hasArrived) await session.confirm();
    sessions.delete(migrationId);
    await session.close();
  }
  const found = await source.lookUp(guest.instanceId);
  if (found.outcome !== 'succeeded') return found;
  const domain = found.value;
  if (domain === null) return succeeded(null);
  const marked = await new MigrationMarker(source, guest.instanceId, migrationId).stands();
  if (marked.outcome !== 'succeeded') return marked;
  const presence = await source.presence(domain);
  if (presence.outcome !== 'succeeded') return presence;
  if (!marked.value || (presence.value.presence === 'present' && presence.value.power === 'running')) {
    return failed(`the guest on ${source.options.host} waits for no confirmation; nothing is removed there`);
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
  let sourceWasLost = false;
  if (session !== undefined) {
    if (session.hasArrived) return failed('the guest has arrived on the destination and cannot run on both hosts');
    sourceWasLost = session.sourceIsLost;
    await session.cancel();
    sessions.delete(migrationId);
    await session.close();
  }
  const suspended = new MigrationMarker(source, guest.instanceId, migrationId, 'suspended');
  const forced = await suspended.stands();
  if (forced.outcome !== 'succeeded') return forced;
  const resumed = await withGuest(source, guest.instanceId, async (domain) => {
    const state = await source.state(domain);
    if (state.outcome !== 'succeeded') return state;
    if (isPausedPostCopy(state.value)) {
      return failed(`part of the memory of ${domain.name} is at the destination only: it cannot run here again`);
    }
    const madeToStand = isPausedForMigration(state.value) || (forced.value && isPausedByOwner(state.value));
    const runs = madeToStand ? await source.resume(domain) : succeeded(null);
    // The guest runs in any case, so what cannot be taken away now is left to the next attempt.
    if (runs.outcome === 'succeeded' && sourceWasLost) await removeCopyNodes(source, domain);
    return runs;
  });
  if (resumed.outcome !== 'succeeded') return resumed;
  const unmarked = await new MigrationMarker(source, guest.instanceId, migrationId).remove();
  return unmarked.outcome === 'succeeded' ? suspended.remove() : unmarked;
}

/** See LiveMigrationSource.clearSource. */
export async function clearSource(source: LibvirtHost, instanceId: InstanceId): Promise<Outcome<null>> {
  const found = await source.lookUp(instanceId);
  if (found.outcome !== 'succeeded') return found;
  if (found.value !== null) return failed(`${source.options.host} still has a guest ${instanceId}; its files stay`);
  return source.directory(instanceId).remove();
}
