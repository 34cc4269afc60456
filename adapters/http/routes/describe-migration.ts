import type { ColdMigrationRow } from '../../../application/views/cold-migrations.ts';
import type { MigrationRow } from '../../../application/views/migrations-view.ts';
import type { ComputeRequest } from '../compute-route.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { allows, type PolicyRule } from '../policy.ts';
import { hypervisorHostnameOf } from '../representations/hypervisor.ts';
import type { ColdMigrationSurroundings, MigrationSurroundings } from '../representations/migration.ts';

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

/** The same for a resize or a cold migration, which has no counters. */
export function coldMigrationSurroundings(
  { views, flavors, computeHosts }: RouteDependencies,
  { context, microversion }: ComputeRequest,
  row: ColdMigrationRow,
  hostRule: PolicyRule,
): ColdMigrationSurroundings {
  const server = views.servers.find(row.instanceId);
  return {
    microversion,
    hosts: allows(context, hostRule, server?.owner.projectId ?? row.initiator.projectId),
    hypervisorHostname: (host) => hypervisorHostnameOf(host, computeHosts.facts(host)),
    hostIp: (host) => computeHosts.facts(host)?.hostIp ?? null,
    flavorNumber: (wanted) => flavors.all().findIndex(({ id }) => id === wanted) + 1,
  };
}
