import type { HostName } from '../../domain/shared/ids.ts';
import type { InstanceEvent } from '../../domain/instance/instance-events.ts';

/** What a cold migration is told to start from: where a server is, and what it is made of. */
export type Place = { readonly host: HostName | null; readonly flavorId: string };

/** What the newest resize or cold migration of the server was from and to. */
export type Move = { readonly from: Place; readonly to: Place };

/** Kept apart from the view of the servers, so that what stops one does not stop the other. `place` null: not there yet. */
export function placeAfter(place: Place | null, move: Move | null, event: InstanceEvent): Place | null {
  if (event.type === 'InstanceCreateRequested') return { host: null, flavorId: event.flavor.id };
  if (place === null || event.type === 'InstanceDeleted') return null;
  if (event.type === 'InstanceResized') return move?.to ?? place;
  if (event.type === 'ResizeReverted') return move?.from ?? place;
  if (event.type === 'InstanceShelved' || event.type === 'UnshelveFailed') return { ...place, host: null };
  const reaches =
    event.type === 'InstanceScheduled' || event.type === 'DestinationAdopted' || event.type === 'UnshelveRequested';
  return reaches ? { ...place, host: event.host } : place;
}
