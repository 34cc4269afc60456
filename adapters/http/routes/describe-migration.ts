import type { MigrationRow } from '../../../application/views/migrations-view.ts';
import type { ComputeRequest } from '../compute-route.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { allows, type PolicyRule } from '../policy.ts';
import { hypervisorHostnameOf } from '../representations/hypervisor.ts';
import type { MigrationSurroundings } from '../representations/migration.ts';

/** What a migration's representation needs beside the row. `hostRule`: who may know the hosts. */
export function migrationSurroundings(
  { views, flavors, computeHosts, progress }: RouteDependencies,
  { context, microversion, links }: ComputeRequest,
  row: MigrationRow,
  hostRule: PolicyRule,
): MigrationSurroundings {
  const server = views.servers.find(row.instanceId);
  return {
    microversion,
    links,
    hosts: allows(context, hostRule, server?.owner.projectId ?? row.initiator.projectId),
    hypervisorHostname: (host) => hypervisorHostnameOf(host, computeHosts.facts(host)),
    progress: progress.of(row.migrationId),
    // Flavors here have text ids; their place in the operator's list is the only number they have.
    flavorNumber: flavors.all().findIndex(({ id }) => id === server?.flavor.id) + 1,
  };
}
