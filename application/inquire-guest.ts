import { whereabouts, type Sighting, type Whereabouts } from '../domain/migration/whereabouts.ts';
import type { InstanceId } from '../domain/shared/ids.ts';
import type { GuestPresence, HypervisorDriver } from './ports/hypervisor-driver.ts';

type Inquired = Pick<HypervisorDriver, 'inquire'>;

/** Asks both hosts, at the same time, where the guest is. Changes nothing. */
export async function inquireGuest(
  source: Inquired,
  destination: Inquired,
  instanceId: InstanceId,
): Promise<{ readonly whereabouts: Whereabouts; readonly source: Sighting; readonly destination: Sighting }> {
  const [sourceAnswer, destinationAnswer] = await Promise.all([
    source.inquire(instanceId),
    destination.inquire(instanceId),
  ]);
  const atSource = sourceAnswer.outcome === 'succeeded' ? sightingAtSource(sourceAnswer.value) : 'unreachable';
  const atDestination = destinationAnswer.outcome === 'succeeded' ? sighting(destinationAnswer.value) : 'unreachable';
  return { whereabouts: whereabouts(atSource, atDestination), source: atSource, destination: atDestination };
}

// A copy that stands still on the source is the one that Perform paused, whatever reason the hypervisor gives; only a
// running one would be a second machine beside the destination's.
function sightingAtSource(presence: GuestPresence): Sighting {
  return presence.presence === 'present' && presence.power === 'paused' ? 'inMigration' : sighting(presence);
}

function sighting(presence: GuestPresence): Sighting {
  if (presence.presence === 'absent') return 'absent';
  if (presence.incoming) return 'inMigration';
  switch (presence.power) {
    case 'running':
    case 'paused':
      return 'here';
    case 'shutdown':
      return 'off';
    case 'crashed':
    case 'neverStarted':
    case 'unexplained':
      return presence.power;
  }
}
