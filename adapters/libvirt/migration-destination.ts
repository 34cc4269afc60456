import type { MigrationDescription, SourceFacts } from '../../application/ports/hypervisor-driver.ts';
import type { InstanceId } from '../../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { outcomeOf } from './call-outcome.ts';
import { withGuest } from './guest-lifecycle.ts';
import { hostFacts } from './host-facts.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import { MigrationMarker } from './migration-marker.ts';
import { RESCUED_NOT_SUPPORTED } from './migration-source.ts';
import { CONNECT_GET_DOMAIN_CAPABILITIES, DOMAIN_IS_PERSISTENT } from './rpc/procedures.ts';

const GIB = 1024 ** 3;

/** See LiveMigrationDestination.checkDestination. */
export async function checkDestination(
  host: LibvirtHost,
  description: MigrationDescription,
  source: SourceFacts,
): Promise<Outcome<null>> {
  if (description.rescued && !host.options.supportsLiveMigrateRescued) {
    return failed(`${RESCUED_NOT_SUPPORTED}destination host.`);
  }
  const vacant = await refuseGuest(host, description);
  if (vacant.outcome !== 'succeeded') return vacant;
  const facts = await hostFacts(host);
  if (facts.outcome !== 'succeeded') return facts;
  const neededGiB = source.disks.reduce((sum, { capacityBytes }) => sum + capacityBytes, 0) / GIB;
  if (facts.value.diskFreeGiB < neededGiB) {
    return failed(
      `Migration pre-check error: Unable to migrate ${description.guest.instanceId}: Disk of instance is too large ` +
        `(available on destination host: ${facts.value.diskFreeGiB} GiB < need: ${neededGiB.toFixed(1)} GiB)`,
    );
  }
  const query = {
    emulator: null,
    arch: source.architecture,
    machine: source.machineType,
    virtType: host.options.virtType,
    flags: 0,
  };
  const answer = await host.connections.call(CONNECT_GET_DOMAIN_CAPABILITIES, query);
  return answer.outcome === 'succeeded'
    ? succeeded(null)
    : outcomeOf(
        answer,
        `Migration pre-check error: ${host.options.host} cannot run machine type ${source.machineType}`,
      );
}

/** Nothing is prepared beside a guest, not even beside one that arrives at this moment: its disks lie in the same place. */
async function refuseGuest(host: LibvirtHost, { guest }: MigrationDescription): Promise<Outcome<null>> {
  const found = await host.lookUp(guest.instanceId);
  if (found.outcome !== 'succeeded') return found;
  if (found.value === null) return succeeded(null);
  return failed(`operation failed: domain '${found.value.name}' already exists with uuid ${guest.instanceId}`);
}

/** See LiveMigrationDestination.prepareDestination. */
export async function prepareDestination(
  host: LibvirtHost,
  description: MigrationDescription,
  source: SourceFacts,
): Promise<Outcome<null>> {
  const { migrationId, guest } = description;
  const vacant = await refuseGuest(host, description);
  if (vacant.outcome !== 'succeeded') return vacant;
  const directory = host.directory(guest.instanceId);
  const marker = new MigrationMarker(host, guest.instanceId, migrationId);
  const found = await directory.find();
  if (found.outcome !== 'succeeded') return found;
  if (found.value !== null) {
    const ours = await marker.isOurs(found.value);
    if (ours.outcome !== 'succeeded') return ours;
    if (!ours.value) {
      return failed(
        `DestinationDiskExists: The supplied disk path (${directory.path}) already exists, it is expected not to exist.`,
      );
    }
  }
  const pool = await directory.ensure();
  if (pool.outcome !== 'succeeded') return pool;
  const marked = await marker.placeIn(pool.value);
  if (marked.outcome !== 'succeeded') return marked;
  const { value } = pool;
  const created = await Promise.all(
    source.disks.map(({ fileName: name, ...disk }) => directory.create(value, { name, ...disk })),
  );
  for (const disk of created) if (disk.outcome !== 'succeeded') return disk;
  return succeeded(null);
}

/** See LiveMigrationDestination.clearDestination. A directory without this migration's marker is left alone. */
export async function clearDestination(
  host: LibvirtHost,
  { migrationId, guest }: MigrationDescription,
): Promise<Outcome<null>> {
  const marker = new MigrationMarker(host, guest.instanceId, migrationId);
  const gone = await removeAbandonedGuest(host, guest.instanceId, marker);
  if (gone.outcome !== 'succeeded') return gone;
  const directory = host.directory(guest.instanceId);
  const pool = await directory.find();
  if (pool.outcome !== 'succeeded') return pool;
  if (pool.value === null) return succeeded(null);
  const ours = await marker.isOurs(pool.value);
  if (ours.outcome !== 'succeeded') return ours;
  return ours.value ? directory.remove() : succeeded(null);
}

async function removeAbandonedGuest(
  host: LibvirtHost,
  instanceId: InstanceId,
  marker: MigrationMarker,
): Promise<Outcome<null>> {
  const found = await host.lookUp(instanceId);
  if (found.outcome !== 'succeeded') return found;
  if (found.value === null) return succeeded(null);
  const presence = await host.presence(found.value);
  if (presence.outcome !== 'succeeded') return presence;
  if (presence.value.presence === 'absent') return succeeded(null);
  const { power, incoming } = presence.value;
  if (incoming && power === 'running') {
    return failed(`${instanceId} runs on ${host.options.host} while its memory still comes; nothing is removed there`);
  }
  // Finish defines a guest before it starts it. One that is off for another reason may have arrived and ended since.
  const marked = power === 'neverStarted' ? await marker.stands() : succeeded(incoming);
  if (marked.outcome !== 'succeeded') return marked;
  if (!marked.value) return failed(`${host.options.host} has a guest ${instanceId}; nothing is removed there`);
  const off = await host.powerOff(found.value);
  return off.outcome === 'succeeded' ? host.undefine(found.value) : off;
}

/** See LiveMigrationDestination.adoptAtDestination. */
export async function adoptAtDestination(
  host: LibvirtHost,
  { migrationId, guest }: MigrationDescription,
): Promise<Outcome<null>> {
  const directory = host.directory(guest.instanceId);
  const adopted = await withGuest(host, guest.instanceId, async (domain): Promise<Outcome<null>> => {
    const persistent = await host.connections.call(DOMAIN_IS_PERSISTENT, { domain });
    if (persistent.outcome !== 'succeeded') return outcomeOf(persistent, `asking whether ${domain.name} is defined`);
    return persistent.value
      ? succeeded(null)
      : failed(`${domain.name} runs on ${host.options.host} but is not defined there`);
  });
  if (adopted.outcome !== 'succeeded') return adopted;
  const pool = await directory.find();
  if (pool.outcome !== 'succeeded') return pool;
  if (pool.value === null) return failed(`${directory.path} does not exist`);
  return new MigrationMarker(host, guest.instanceId, migrationId).remove();
}
