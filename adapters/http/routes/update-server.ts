import type { ServerRow } from '../../../application/views/servers-view.ts';
import { route, type ComputeRequest, type ComputeRoute } from '../compute-route.ts';
import { badRequest, ok, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { updateServerSchema } from '../schemas/update-server-schema.ts';
import { validate } from '../schemas/validate.ts';
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

const EVERYTHING_SINCE = 75;
const KEY_NAME_SINCE = 54;
/** What only `GET` tells below 2.75: the names of Nova's extensions, which its update and rebuild did not ask. */
const TOLD_BY_GET =
  /^(?:OS-EXT-|OS-SRV-USG:|os-extended-volumes:|config_drive$|host_status$|security_groups$|key_name$)/;

/** A server as Nova answers its update and its rebuild: it told less of it than `GET` did, until 2.75. */
export function updatedServer(dependencies: RouteDependencies, request: ComputeRequest, before: ServerRow): object {
  const row = dependencies.views.servers.find(before.instanceId) ?? before;
  const shown = describeServer(dependencies, request, row);
  if (supports(request.microversion, EVERYTHING_SINCE)) return shown;
  const keyName = supports(request.microversion, KEY_NAME_SINCE);
  return Object.fromEntries(
    Object.entries(shown).filter(([name]) => !TOLD_BY_GET.test(name) || (name === 'key_name' && keyName)),
  );
}
