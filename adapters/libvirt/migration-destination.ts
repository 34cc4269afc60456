import type { MigrationDescription, SourceFacts } from '../../application/ports/hypervisor-driver.ts';
import type { InstanceId, MigrationId } from '../../domain/shared/ids.ts';
import { allOf, failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { outcomeOf } from './call-outcome.ts';
import { checkDefinition } from './check-definition.ts';
import { withGuest } from './guest-lifecycle.ts';
import { placeOn } from './guest-place.ts';
import { instancesSpace } from './host-facts.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import { MigrationMarker } from './migration-marker.ts';
import { placeDefinition } from './place-definition.ts';
import { removeMarkers } from './shared-directory.ts';
import { stageDefinition, switchDefinition } from './staged-definition.ts';
import { RESCUED_NOT_SUPPORTED } from './migration-source.ts';
import { DOMAIN_IS_PERSISTENT } from './rpc/procedures.ts';

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
  const space = await refuseLackOfSpace(host, description, source);
  if (space.outcome !== 'succeeded') return space;
  return checkDefinitions(host, description, source);
}

/** Both what runs and, of a rescued server, what it will be again: an unrescue that cannot start would come too late. */
async function checkDefinitions(
  host: LibvirtHost,
  { guest, original }: MigrationDescription,
  source: SourceFacts,
): Promise<Outcome<null>> {
  const place = placeOn(host.options, guest);
  if (place.outcome !== 'succeeded') return refused(place);
  for (const definition of [source.definition, ...(original === null ? [] : [original.definition])]) {
    const placed = placeDefinition(definition, place.value);
    if (placed.outcome !== 'succeeded') return refused(placed);
    const possible = await checkDefinition(host, placed.value);
    if (possible.outcome !== 'succeeded') return refused(possible);
  }
  return succeeded(null);
}

const refused = (answer: Exclude<Outcome<unknown>, { outcome: 'succeeded' }>): Outcome<null> => ({
  ...answer,
  reason: `Migration pre-check error: ${answer.reason}`,
});

/** A guest may fill its disks while they are copied; files are copied with their holes. */
async function refuseLackOfSpace(
  host: LibvirtHost,
  { guest }: MigrationDescription,
  { disks, files }: SourceFacts,
): Promise<Outcome<null>> {
  const space = await instancesSpace(host);
  if (space.outcome !== 'succeeded') return outcomeOf(space, `asking ${host.options.host} for its disk space`);
  const available = Number(space.value.available);
  const forDisks = disks.reduce((sum, { capacityBytes }) => sum + capacityBytes, 0);
  const forImages = await missingImageBytes(host, disks);
  if (forImages.outcome !== 'succeeded') return forImages;
  const needed = files.reduce((sum, { allocatedBytes }) => sum + allocatedBytes, forDisks + forImages.value);
  if (available >= needed) return succeeded(null);
  return failed(
    `Migration pre-check error: Unable to migrate ${guest.instanceId}: Disk of instance is too large ` +
      `(available on destination host: ${available} < need: ${needed})`,
  );
}

/** Of the images below the disks, what this host has to keep beside them. */
async function missingImageBytes({ imageCache }: LibvirtHost, disks: SourceFacts['disks']): Promise<Outcome<number>> {
  const images = new Map(disks.flatMap(({ cachedImage: image }) => (image === undefined ? [] : [[image.name, image]])));
  let bytes = 0;
  for (const { name, sizeBytes } of images.values()) {
    const present = await imageCache.file(name);
    if (present.outcome !== 'succeeded') return present;
    if (present.value === null) bytes += sizeBytes;
  }
  return succeeded(bytes);
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
  if (source.sharedDirectory) {
    const expected = await new MigrationMarker(host, guest.instanceId, migrationId, 'arriving').place();
    return expected.outcome === 'succeeded' ? stageDefinition(host, description) : expected;
  }
  const marker = new MigrationMarker(host, guest.instanceId, migrationId, 'incoming');
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
  return marker.placeIn(pool.value);
}

/** Empty disks for libvirt to copy into, but for those that are layered on an image (`createLayeredDisks`). Making one takes as long as most steps do, so it is done beside others. */
export async function createDisks(
  host: LibvirtHost,
  description: MigrationDescription,
  { disks }: SourceFacts,
): Promise<Outcome<null>> {
  if (disks.length === 0) return succeeded(null);
  const vacant = await refuseGuest(host, description);
  if (vacant.outcome !== 'succeeded') return vacant;
  const directory = host.directory(description.guest.instanceId);
  const pool = await directory.pool();
  if (pool.outcome !== 'succeeded') return pool;
  const { value } = pool;
  if (value === null) return failed(`${directory.path} does not exist`);
  const created = await Promise.all(
    disks
      .filter(({ cachedImage }) => cachedImage === undefined)
      .map(({ fileName: name, ...disk }) => directory.create(value, { name, ...disk })),
  );
  const all = allOf(created);
  return all.outcome === 'succeeded' ? succeeded(null) : all;
}

/** See LiveMigrationDestination.ownsDirectory. */
export async function ownsDirectory(
  host: LibvirtHost,
  { migrationId, guest }: MigrationDescription,
): Promise<Outcome<boolean>> {
  const pool = await host.directory(guest.instanceId).find();
  if (pool.outcome !== 'succeeded') return pool;
  if (pool.value === null) return succeeded(false);
  return new MigrationMarker(host, guest.instanceId, migrationId, 'incoming').isOurs(pool.value);
}

/** See LiveMigrationDestination.clearDestination. A directory without this migration's marker is left alone. */
export async function clearDestination(host: LibvirtHost, description: MigrationDescription): Promise<Outcome<null>> {
  const { guest } = description;
  const gone = await removeAbandonedGuest(host, description);
  if (gone.outcome !== 'succeeded') return gone;
  const owned = await ownsDirectory(host, description);
  if (owned.outcome !== 'succeeded') return owned;
  if (owned.value) return host.directory(guest.instanceId).remove();
  const unmarked = await removeMarkers(host, description, ['arriving', 'definition']);
  return unmarked.outcome === 'succeeded' ? host.directory(guest.instanceId).release() : unmarked;
}

const LEFT_BEHIND: readonly string[] = ['neverStarted', 'crashed', 'unexplained'];

async function removeAbandonedGuest(
  host: LibvirtHost,
  { migrationId, guest: { instanceId } }: MigrationDescription,
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
  // Finish defines a guest before it starts it. One that was switched off has arrived; of one that died, or is off for a
  // reason nobody remembers, only this migration's marker tells that it was never adopted.
  const marked = LEFT_BEHIND.includes(power) ? await isMarked(host, instanceId, migrationId) : succeeded(incoming);
  if (marked.outcome !== 'succeeded') return marked;
  if (!marked.value) return failed(`${host.options.host} has a guest ${instanceId}; nothing is removed there`);
  const off = await host.powerOff(found.value);
  return off.outcome === 'succeeded' ? host.undefine(found.value) : off;
}

async function isMarked(
  host: LibvirtHost,
  instanceId: InstanceId,
  migrationId: MigrationId,
): Promise<Outcome<boolean>> {
  const incoming = await new MigrationMarker(host, instanceId, migrationId, 'incoming').stands();
  if (incoming.outcome !== 'succeeded' || incoming.value) return incoming;
  return new MigrationMarker(host, instanceId, migrationId, 'arriving').stands();
}

/** See LiveMigrationDestination.adoptAtDestination. */
export async function adoptAtDestination(host: LibvirtHost, description: MigrationDescription): Promise<Outcome<null>> {
  const { guest } = description;
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
  const switched = await switchDefinition(host, description);
  if (switched.outcome !== 'succeeded') return switched;
  return removeMarkers(host, description, ['incoming', 'arriving', 'definition']);
}
