import { whereabouts, type Sighting, type Whereabouts } from '../domain/migration/whereabouts.ts';
import type { InstanceId } from '../domain/shared/ids.ts';
import type { HypervisorDriver } from './ports/hypervisor-driver.ts';

/** Asks both hosts, at the same time, where the guest is. Changes nothing. */
export async function inquireGuest(
  source: HypervisorDriver,
  destination: HypervisorDriver,
  instanceId: InstanceId,
): Promise<{ readonly whereabouts: Whereabouts; readonly source: Sighting; readonly destination: Sighting }> {
  const [atSource, atDestination] = await Promise.all([
    sighting(source, instanceId),
    sighting(destination, instanceId),
  ]);
  return { whereabouts: whereabouts(atSource, atDestination), source: atSource, destination: atDestination };
}

async function sighting(driver: HypervisorDriver, instanceId: InstanceId): Promise<Sighting> {
  const answer = await driver.inquire(instanceId);
  if (answer.outcome !== 'succeeded') return 'unreachable';
  const presence = answer.value;
  if (presence.presence === 'absent') return 'absent';
  if (presence.incoming) return 'inMigration';
  return presence.power === 'running' || presence.power === 'paused' ? 'here' : 'off';
}
