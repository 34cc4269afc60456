import type { ComputeRoute } from './compute-route.ts';
import type { RouteDependencies } from './http-dependencies.ts';
import { availabilityZoneRoutes } from './routes/availability-zones.ts';
import { extensionRoutes } from './routes/extensions.ts';
import { externalEventRoutes } from './routes/external-events.ts';
import { flavorAdministrationRoutes } from './routes/flavor-administration.ts';
import { flavorRoutes } from './routes/flavors.ts';
import { hostRoutes } from './routes/hosts.ts';
import { hypervisorRoutes } from './routes/hypervisors.ts';
import { imageRoutes } from './routes/images.ts';
import { instanceActionRoutes } from './routes/instance-actions.ts';
import { keyPairRoutes } from './routes/key-pairs.ts';
import { migrationLeverRoutes } from './routes/migration-levers.ts';
import { migrationRoutes } from './routes/migrations.ts';
import { projectLimitRoutes } from './routes/project-limits.ts';
import { serverActionRoutes } from './routes/server-actions.ts';
import { serverAttachmentRoutes } from './routes/server-attachments.ts';
import { serverFactRoutes } from './routes/server-facts.ts';
import { serverGroupRoutes } from './routes/server-groups.ts';
import { serverMetadataRoutes } from './routes/server-metadata.ts';
import { serverMigrationRoutes } from './routes/server-migrations.ts';
import { serverTagRoutes } from './routes/server-tags.ts';
import { serverRoutes } from './routes/servers.ts';
import { serviceRoutes } from './routes/services.ts';
import { updateServerRoutes } from './routes/update-server.ts';

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
    ...availabilityZoneRoutes(dependencies),
    ...extensionRoutes(),
    ...externalEventRoutes(dependencies),
    ...flavorAdministrationRoutes(dependencies),
    ...hostRoutes(dependencies),
    ...keyPairRoutes(dependencies),
    ...projectLimitRoutes(dependencies),
    ...serverAttachmentRoutes(dependencies),
    ...serverFactRoutes(dependencies),
    ...serverGroupRoutes(dependencies),
    ...serverMetadataRoutes(dependencies),
    ...serverTagRoutes(dependencies),
    ...updateServerRoutes(dependencies),
  ];
}
