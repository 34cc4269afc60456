import type { ComputeRoute } from '../compute-route.ts';
import { ACCEPTED } from '../status-codes.ts';
import * as catalogue from './catalogue-responses.ts';
import * as fleet from './fleet-responses.ts';
import * as history from './history-responses.ts';
import * as project from './project-responses.ts';
import type { ResponseAt } from './response-schema.ts';
import * as part from './server-part-responses.ts';
import * as server from './server-responses.ts';

/** `body` null: it has none. */
export type GrantedResponse = {
  readonly status: number;
  readonly body: ResponseAt | null;
  readonly canBeEmpty: boolean;
};

const told = (body: ResponseAt, status = 200): GrantedResponse => ({ status, body, canBeEmpty: false });
const empty = (status: number): GrantedResponse => ({ status, body: null, canBeEmpty: true });
const DONE = [empty(204)];
const TAKEN = [empty(ACCEPTED)];
// Servers here have no volumes and their ports stay: every wish for one, and for one that is there, is refused.
const NEVER: readonly GrantedResponse[] = [];

/** What a request that was granted is answered, by method and path. Of several statuses what was asked decides. */
const GRANTED: ReadonlyMap<string, readonly GrantedResponse[]> = new Map([
  ['POST /servers', [told(server.CREATED, ACCEPTED)]],
  ['GET /servers', [told(server.SERVERS)]],
  ['GET /servers/detail', [told(server.SERVERS_DETAIL)]],
  ['GET /servers/:id', [told(server.SERVER)]],
  ['PUT /servers/:id', [told(server.UPDATED_SERVER)]],
  ['DELETE /servers/:id', DONE],
  [
    'POST /servers/:id/action',
    [told(server.RESCUE), { status: ACCEPTED, body: server.ACTION_ACCEPTED, canBeEmpty: true }, empty(204)],
  ],
  ['GET /servers/:id/os-instance-actions', [told(history.INSTANCE_ACTIONS)]],
  ['GET /servers/:id/os-instance-actions/:request_id', [told(history.INSTANCE_ACTION)]],
  ['GET /servers/:id/migrations', [told(history.SERVER_MIGRATIONS)]],
  ['GET /servers/:id/migrations/:migration_id', [told(history.SERVER_MIGRATION)]],
  ['DELETE /servers/:id/migrations/:migration_id', TAKEN],
  ['POST /servers/:id/migrations/:migration_id/action', TAKEN],
  ['GET /os-migrations', [told(history.MIGRATIONS)]],
  ['GET /os-services', [told(fleet.SERVICES)]],
  ['PUT /os-services/:id', [told(fleet.SERVICE)]],
  ['DELETE /os-services/:id', DONE],
  ['GET /os-hypervisors', [told(fleet.HYPERVISORS)]],
  ['GET /os-hypervisors/detail', [told(fleet.HYPERVISORS_DETAIL)]],
  ['GET /os-hypervisors/:id', [told(fleet.HYPERVISOR)]],
  ['GET /os-hypervisors/:id/uptime', [told(fleet.HYPERVISOR_UPTIME)]],
  ['GET /os-hypervisors/statistics', [told(fleet.HYPERVISOR_STATISTICS)]],
  ['GET /os-hypervisors/:id/search', [told(fleet.HYPERVISORS)]],
  ['GET /os-hypervisors/:id/servers', [told(fleet.HYPERVISOR_SERVERS)]],
  ['GET /flavors', [told(catalogue.FLAVORS)]],
  ['GET /flavors/detail', [told(catalogue.FLAVORS_DETAIL)]],
  ['GET /flavors/:id', [told(catalogue.FLAVOR)]],
  ['POST /flavors', [told(catalogue.FLAVOR)]],
  ['PUT /flavors/:id', [told(catalogue.FLAVOR)]],
  ['DELETE /flavors/:id', TAKEN],
  ['GET /flavors/:id/os-flavor-access', [told(catalogue.FLAVOR_ACCESS)]],
  ['GET /flavors/:id/os-extra_specs', [told(catalogue.EXTRA_SPECS)]],
  ['POST /flavors/:id/os-extra_specs', [told(catalogue.EXTRA_SPECS)]],
  ['GET /flavors/:id/os-extra_specs/:key', [told(catalogue.EXTRA_SPEC)]],
  ['PUT /flavors/:id/os-extra_specs/:key', [told(catalogue.EXTRA_SPEC)]],
  ['DELETE /flavors/:id/os-extra_specs/:key', [empty(200)]],
  ['GET /images', [told(catalogue.IMAGES)]],
  ['GET /images/detail', [told(catalogue.IMAGES_DETAIL)]],
  ['GET /images/:id', [told(catalogue.IMAGE)]],
  ['DELETE /images/:id', DONE],
  ['GET /os-availability-zone', [told(fleet.ZONES)]],
  ['GET /os-availability-zone/detail', [told(fleet.ZONES_DETAIL)]],
  ['GET /os-aggregates', [told(part.AGGREGATES)]],
  ['GET /os-aggregates/:id', NEVER],
  ['GET /extensions', [told(catalogue.EXTENSIONS)]],
  ['GET /extensions/:alias', [told(catalogue.EXTENSION)]],
  ['POST /os-server-external-events', [told(part.EXTERNAL_EVENTS), told(part.EXTERNAL_EVENTS, 207)]],
  ['GET /os-hosts', [told(fleet.HOSTS)]],
  ['GET /os-hosts/:id', [told(fleet.HOST)]],
  ['PUT /os-hosts/:id', [told(fleet.HOST_CHANGED)]],
  ['GET /os-hosts/:id/reboot', NEVER],
  ['GET /os-hosts/:id/shutdown', NEVER],
  ['GET /os-hosts/:id/startup', NEVER],
  ['GET /os-keypairs', [told(catalogue.KEY_PAIRS)]],
  ['POST /os-keypairs', [told(catalogue.KEY_PAIR_MADE), told(catalogue.KEY_PAIR_MADE, 201)]],
  ['GET /os-keypairs/:id', [told(catalogue.KEY_PAIR)]],
  ['DELETE /os-keypairs/:id', [empty(ACCEPTED), empty(204)]],
  ['GET /limits', [told(project.LIMITS)]],
  ['GET /os-quota-sets/:project', [told(project.QUOTA_SET)]],
  ['GET /os-quota-sets/:project/defaults', [told(project.QUOTA_SET)]],
  ['GET /os-quota-sets/:project/detail', [told(project.QUOTA_SET_DETAIL)]],
  ['GET /servers/:id/os-interface', [told(part.INTERFACES)]],
  ['GET /servers/:id/os-interface/:port', [told(part.INTERFACE)]],
  ['POST /servers/:id/os-interface', NEVER],
  ['DELETE /servers/:id/os-interface/:port', NEVER],
  ['GET /servers/:id/os-volume_attachments', [told(part.VOLUME_ATTACHMENTS)]],
  ['GET /servers/:id/os-volume_attachments/:volume', NEVER],
  ['POST /servers/:id/os-volume_attachments', NEVER],
  ['PUT /servers/:id/os-volume_attachments/:volume', NEVER],
  ['DELETE /servers/:id/os-volume_attachments/:volume', NEVER],
  ['GET /servers/:id/ips', [told(part.ADDRESSES)]],
  ['GET /servers/:id/ips/:network', NEVER],
  ['GET /servers/:id/os-security-groups', [told(part.SECURITY_GROUPS)]],
  ['GET /os-security-groups', [told(part.SECURITY_GROUPS)]],
  ['GET /os-floating-ips', [told(part.FLOATING_IPS)]],
  ['GET /os-networks', [told(part.NETWORKS)]],
  ['GET /servers/:id/diagnostics', [told(part.DIAGNOSTICS)]],
  ['GET /servers/:id/os-server-password', [told(part.PASSWORD)]],
  ['DELETE /servers/:id/os-server-password', DONE],
  ['GET /os-server-groups', [told(catalogue.SERVER_GROUPS)]],
  ['POST /os-server-groups', [told(catalogue.SERVER_GROUP)]],
  ['GET /os-server-groups/:id', [told(catalogue.SERVER_GROUP)]],
  ['DELETE /os-server-groups/:id', DONE],
  ['GET /servers/:id/metadata', [told(part.METADATA)]],
  ['GET /servers/:id/metadata/:key', [told(part.METADATA_ITEM)]],
  ['POST /servers/:id/metadata', [told(part.METADATA)]],
  ['PUT /servers/:id/metadata', [told(part.METADATA)]],
  ['PUT /servers/:id/metadata/:key', [told(part.METADATA_ITEM)]],
  ['DELETE /servers/:id/metadata/:key', DONE],
  ['GET /servers/:id/tags', [told(part.TAGS)]],
  ['GET /servers/:id/tags/:tag', DONE],
  ['PUT /servers/:id/tags', [told(part.TAGS)]],
  ['PUT /servers/:id/tags/:tag', [empty(201), empty(204)]],
  ['DELETE /servers/:id/tags', DONE],
  ['DELETE /servers/:id/tags/:tag', DONE],
]);

/** Throws for a route that nobody has described. */
export function grantedResponses({ method, path }: Pick<ComputeRoute, 'method' | 'path'>): readonly GrantedResponse[] {
  const granted = GRANTED.get(`${method} ${path}`);
  if (granted === undefined) throw new Error(`nobody has said what ${method} ${path} answers`);
  return granted;
}
