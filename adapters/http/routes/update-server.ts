import type { ServerRow } from '../../../application/views/servers-view.ts';
import { route, type ComputeRequest, type ComputeRoute } from '../compute-route.ts';
import { badRequest, ok, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { updateServerSchema } from '../schemas/update-server-schema.ts';
import { validate } from '../schemas/validate.ts';
import { updatedFields } from '../representations/updated-server-fields.ts';
import { supports } from '../supports.ts';
import { describeServer } from './describe-server.ts';
import { changed, forServer } from './find-server.ts';

/** `PUT /servers/{id}`: what an owner writes about a server. */
export function updateServerRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  return [
    route('PUT', '/servers/:id', (request) => updateServer(dependencies, request), {
      bodySchemaAt: updateServerSchema,
    }),
  ];
}

function updateServer(dependencies: RouteDependencies, request: ComputeRequest): HttpAnswer | Promise<HttpAnswer> {
  const validated = validate(updateServerSchema(request.microversion), request.body);
  if (!validated.valid) return badRequest(validated.message);
  return forServer(dependencies, request, 'os_compute_api:servers:update', async (row) => {
    const { serverChanges } = dependencies.computeApi;
    const answer = await serverChanges.update(request.context, row.instanceId, validated.value);
    return changed(request, answer, () => ok({ server: updatedServer(dependencies, request, row) }));
  });
}

/** A server as Nova answers its update and its rebuild. */
export function updatedServer(dependencies: RouteDependencies, request: ComputeRequest, before: ServerRow): object {
  const row = dependencies.views.servers.find(before.instanceId) ?? before;
  const shown = Object.fromEntries(Object.entries(describeServer(dependencies, request, row)));
  return updatedFields(shown, (minor) => supports(request.microversion, minor));
}
