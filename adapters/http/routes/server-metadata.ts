import type { ServerRow } from '../../../application/views/servers-view.ts';
import type { MetadataChange } from '../../../domain/instance/server-change-commands.ts';
import { parameter, route, type ComputeRequest, type ComputeRoute } from '../compute-route.ts';
import { badRequest, noContent, notFound, ok, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { META_ITEM_SCHEMA, METADATA_SCHEMA } from '../schemas/server-metadata-schema.ts';
import { validate } from '../schemas/validate.ts';
import { changed, forServer } from './find-server.ts';

const PATH = '/servers/:id/metadata';
const ITEM = `${PATH}/:key` as const;

const METADATA_BODY = { bodySchemaAt: () => METADATA_SCHEMA };

/** What owners note about their servers as keys and values. */
export function serverMetadataRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  return [
    route('GET', PATH, (request) =>
      forServer(dependencies, request, 'os_compute_api:server-metadata:index', ({ metadata }) => ok({ metadata })),
    ),
    route('GET', ITEM, (request) =>
      forServer(dependencies, request, 'os_compute_api:server-metadata:show', (row) => itemOf(row, request)),
    ),
    route('POST', PATH, (request) => replace(dependencies, request, 'merge'), METADATA_BODY),
    route('PUT', PATH, (request) => replace(dependencies, request, 'replace'), METADATA_BODY),
    route('PUT', ITEM, (request) => putItem(dependencies, request), { bodySchemaAt: () => META_ITEM_SCHEMA }),
    route('DELETE', ITEM, (request) => deleteItem(dependencies, request)),
  ];
}

function itemOf({ metadata }: ServerRow, request: ComputeRequest): HttpAnswer {
  const key = parameter(request, 'key');
  const found = Object.entries(metadata).find(([name]) => name === key);
  return found === undefined ? notFound('Metadata item was not found') : ok({ meta: Object.fromEntries([found]) });
}

function replace(
  dependencies: RouteDependencies,
  request: ComputeRequest,
  change: 'merge' | 'replace',
): HttpAnswer | Promise<HttpAnswer> {
  const validated = validate(METADATA_SCHEMA, request.body);
  if (!validated.valid) return badRequest(validated.message);
  const rule = change === 'merge' ? 'create' : 'update_all';
  return forServer(dependencies, request, `os_compute_api:server-metadata:${rule}`, async (row) => {
    const wanted = { change, items: validated.value.metadata } as const;
    return told(dependencies, request, { row, wanted, body: (metadata) => ({ metadata }) });
  });
}

function putItem(dependencies: RouteDependencies, request: ComputeRequest): HttpAnswer | Promise<HttpAnswer> {
  const validated = validate(META_ITEM_SCHEMA, request.body);
  if (!validated.valid) return badRequest(validated.message);
  const { meta } = validated.value;
  const key = parameter(request, 'key');
  if (!Object.hasOwn(meta, key)) return badRequest('Request body and URI mismatch');
  return forServer(dependencies, request, 'os_compute_api:server-metadata:update', async (row) =>
    told(dependencies, request, { row, wanted: { change: 'merge', items: meta }, body: () => ({ meta }) }),
  );
}

function deleteItem(dependencies: RouteDependencies, request: ComputeRequest): HttpAnswer | Promise<HttpAnswer> {
  return forServer(dependencies, request, 'os_compute_api:server-metadata:delete', async (row) => {
    const wanted = { change: 'remove', key: parameter(request, 'key') } as const;
    const answer = await dependencies.computeApi.serverChanges.changeMetadata(request.context, row.instanceId, wanted);
    return changed(request, answer, noContent);
  });
}

type Change = {
  readonly row: ServerRow;
  readonly wanted: MetadataChange;
  readonly body: (metadata: ServerRow['metadata']) => object;
};

async function told(
  { computeApi, views }: RouteDependencies,
  request: ComputeRequest,
  { row, wanted, body }: Change,
): Promise<HttpAnswer> {
  const answer = await computeApi.serverChanges.changeMetadata(request.context, row.instanceId, wanted);
  return changed(request, answer, () => ok(body(views.servers.find(row.instanceId)?.metadata ?? {})));
}
