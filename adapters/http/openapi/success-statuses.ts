import type { ComputeRoute } from '../compute-route.ts';
import { ACCEPTED } from '../status-codes.ts';

/** Where it is not 200 for what is read and written, and 204 for what is deleted. Key: method and path. */
const OTHERS: ReadonlyMap<string, readonly number[]> = new Map([
  ['POST /servers', [ACCEPTED]],
  ['POST /servers/:id/action', [200, ACCEPTED, 204]],
  ['DELETE /servers/:id/migrations/:migration_id', [ACCEPTED]],
  ['POST /servers/:id/migrations/:migration_id/action', [ACCEPTED]],
  ['POST /os-keypairs', [200, 201]],
  ['DELETE /os-keypairs/:id', [ACCEPTED, 204]],
  ['DELETE /flavors/:id', [ACCEPTED]],
  ['DELETE /flavors/:id/os-extra_specs/:key', [200]],
  ['GET /servers/:id/tags/:tag', [204]],
  ['PUT /servers/:id/tags/:tag', [201, 204]],
  // Servers here have neither ports nor volumes: every wish for one is refused.
  ['POST /servers/:id/os-interface', []],
  ['DELETE /servers/:id/os-interface/:port', []],
  ['POST /servers/:id/os-volume_attachments', []],
  ['PUT /servers/:id/os-volume_attachments/:volume', []],
  ['DELETE /servers/:id/os-volume_attachments/:volume', []],
  ['GET /servers/:id/os-interface/:port', []],
  ['GET /servers/:id/os-volume_attachments/:volume', []],
  ['GET /servers/:id/ips/:network', []],
  ['GET /os-aggregates/:id', []],
  ['POST /os-server-external-events', [200, 207]],
]);

/** The statuses of a request that was granted; of several, the microversion or what was asked decides. */
export function successStatuses({ method, path }: ComputeRoute): readonly number[] {
  return OTHERS.get(`${method} ${path}`) ?? [method === 'DELETE' ? 204 : 200];
}
