import { parameter, route, type ComputeRequest, type ComputeRoute } from '../compute-route.ts';
import { badRequest, created, noContent, notFound, ok, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { selfLink } from '../links.ts';
import { tag, TAGS_SCHEMA } from '../schemas/server-tags-schema.ts';
import { validate } from '../schemas/validate.ts';
import { changed, forServer } from './find-server.ts';

const PATH = '/servers/:id/tags';
const ITEM = `${PATH}/:tag` as const;
const SINCE = { since: 26 };

/** Single words that owners put on their servers, and look for. */
export function serverTagRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  const clear = (request: ComputeRequest) =>
    forServer(dependencies, request, 'os_compute_api:os-server-tags:delete_all', async ({ instanceId }) => {
      const { serverChanges } = dependencies.computeApi;
      const answer = await serverChanges.changeTags(request.context, instanceId, { change: 'replace', tags: [] });
      return changed(request, answer, noContent);
    });
  return [
    route(
      'GET',
      PATH,
      (request) => forServer(dependencies, request, 'os_compute_api:os-server-tags:index', ({ tags }) => ok({ tags })),
      SINCE,
    ),
    route('GET', ITEM, (request) => showTag(dependencies, request), SINCE),
    route('PUT', PATH, (request) => replaceTags(dependencies, request), { ...SINCE, bodySchemaAt: () => TAGS_SCHEMA }),
    // Its body says nothing, and clients send none.
    route('PUT', ITEM, (request) => putTag(dependencies, request), { ...SINCE, bodyOptional: true }),
    route('DELETE', PATH, clear, SINCE),
    route('DELETE', ITEM, (request) => deleteTag(dependencies, request), SINCE),
  ];
}

function showTag(dependencies: RouteDependencies, request: ComputeRequest): HttpAnswer | Promise<HttpAnswer> {
  const wanted = parameter(request, 'tag');
  return forServer(dependencies, request, 'os_compute_api:os-server-tags:show', ({ tags }) =>
    tags.includes(wanted) ? noContent() : notFound(`Server ${parameter(request, 'id')} has no tag '${wanted}'`),
  );
}

function replaceTags(dependencies: RouteDependencies, request: ComputeRequest): HttpAnswer | Promise<HttpAnswer> {
  const validated = validate(TAGS_SCHEMA, request.body);
  if (!validated.valid) return badRequest(validated.message);
  return forServer(dependencies, request, 'os_compute_api:os-server-tags:update_all', async ({ instanceId }) => {
    const { computeApi, views } = dependencies;
    const wanted = { change: 'replace', tags: validated.value.tags } as const;
    const answer = await computeApi.serverChanges.changeTags(request.context, instanceId, wanted);
    return changed(request, answer, () => ok({ tags: views.servers.find(instanceId)?.tags ?? [] }));
  });
}

function putTag(dependencies: RouteDependencies, request: ComputeRequest): HttpAnswer | Promise<HttpAnswer> {
  const wanted = parameter(request, 'tag');
  return forServer(dependencies, request, 'os_compute_api:os-server-tags:update', async ({ instanceId, tags }) => {
    const validated = validate(tag, wanted);
    if (!validated.valid) return badRequest(invalidTag(wanted, validated.message));
    const { serverChanges } = dependencies.computeApi;
    const answer = await serverChanges.changeTags(request.context, instanceId, { change: 'add', tag: wanted });
    const location = selfLink(request.links, `servers/${instanceId}/tags/${encodeURIComponent(wanted)}`);
    return changed(request, answer, () => (tags.includes(wanted) ? noContent() : created(null, location)));
  });
}

const invalidTag = (wanted: string, complaint: string): string =>
  `Tag '${wanted}' is invalid. It must be a non empty string without characters '/' and ','. ` +
  `Validation error message: ${complaint}`;

function deleteTag(dependencies: RouteDependencies, request: ComputeRequest): HttpAnswer | Promise<HttpAnswer> {
  return forServer(dependencies, request, 'os_compute_api:os-server-tags:delete', async ({ instanceId }) => {
    const wanted = { change: 'remove', tag: parameter(request, 'tag') } as const;
    const answer = await dependencies.computeApi.serverChanges.changeTags(request.context, instanceId, wanted);
    return changed(request, answer, noContent);
  });
}
