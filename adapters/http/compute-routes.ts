import type { ComputeRoute } from './compute-route.ts';
import type { RouteDependencies } from './http-dependencies.ts';
import { flavorRoutes } from './routes/flavors.ts';
import { hypervisorRoutes } from './routes/hypervisors.ts';
import { imageRoutes } from './routes/images.ts';
import { instanceActionRoutes } from './routes/instance-actions.ts';
import { migrationLeverRoutes } from './routes/migration-levers.ts';
import { migrationRoutes } from './routes/migrations.ts';
import { serverActionRoutes } from './routes/server-actions.ts';
import { serverMigrationRoutes } from './routes/server-migrations.ts';
import { serverRoutes } from './routes/servers.ts';
import { serviceRoutes } from './routes/services.ts';

/** Everything below `/v2.1`. */
export function computeRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  return [
    ...serverRoutes(dependencies),
    ...serverActionRoutes(dependencies),
    ...instanceActionRoutes(dependencies),
    ...serverMigrationRoutes(dependencies),
    ...migrationLeverRoutes(dependencies),
    ...migrationRoutes(dependencies),
    ...serviceRoutes(dependencies),
    ...hypervisorRoutes(dependencies),
    ...flavorRoutes(dependencies),
    ...imageRoutes(dependencies),
  ];
}
