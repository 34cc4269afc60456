import type { ComputeRoute } from './compute-route.ts';
import type { RouteDependencies } from './http-dependencies.ts';
import { serverActionRoutes } from './routes/server-actions.ts';
import { serverRoutes } from './routes/servers.ts';

/** Everything below `/v2.1`. */
export function computeRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  return [...serverRoutes(dependencies), ...serverActionRoutes(dependencies)];
}
