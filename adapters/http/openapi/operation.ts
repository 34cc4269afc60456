import { MAXIMUM_MICROVERSION } from '../../../domain/service-version/microversion.ts';
import type { ComputeRoute } from '../compute-route.ts';
import { CONFLICT } from '../status-codes.ts';
import { grantedResponses, type GrantedResponse } from '../responses/granted-responses.ts';
import { bodyRanges, schemaRanges, type BodyRange } from './body-ranges.ts';

/** What every answer of a versioned resource says of itself. */
export const VERSION_HEADERS = [
  'OpenStack-API-Version',
  'X-OpenStack-Nova-API-Version',
  'x-openstack-request-id',
] as const;

/** OpenAPI's way to write the parts of a path that a request fills in. */
export const templatedPath = (path: string): string => path.replaceAll(/:(\w+)/g, '{$1}');

const REFUSALS_OF_EVERY_REQUEST: readonly number[] = [400, 401, 403, 404, 406, 503];
const REFUSALS_OF_CHANGES: readonly number[] = [CONFLICT];
const REFUSALS_OF_BODIES: readonly number[] = [413, 415];

/** A route as an OpenAPI operation; the microversions are told as in upstream's description (`x-openstack`). */
export function operationOf(route: ComputeRoute): object {
  const { method, path, since, until } = route;
  const ranges = bodyRanges(route);
  return {
    operationId: `${method.toLowerCase()}${templatedPath(path).replaceAll(/[^\w]+/g, '_')}`,
    tags: [path.split('/')[1] ?? ''],
    'x-openstack': microversions(since, until),
    parameters: parametersIn(path),
    ...(ranges.length === 0 ? {} : { requestBody: requestBody(ranges) }),
    responses: responsesOf(route),
  };
}

/** `max-ver` only where it ends before the newest. */
function microversions(first: number, last: number): object {
  const { major, minor } = MAXIMUM_MICROVERSION;
  return { 'min-ver': `${major}.${first}`, ...(last < minor ? { 'max-ver': `${major}.${last}` } : {}) };
}

function parametersIn(path: string): readonly object[] {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  return [
    ...inPath,
    { $ref: '#/components/parameters/OpenStack-API-Version' },
    { $ref: '#/components/parameters/X-OpenStack-Nova-API-Version' },
  ];
}

const requestBody = (ranges: readonly BodyRange[]): object => ({ required: true, content: contentOf(ranges) });

function contentOf(ranges: readonly BodyRange[]): object {
  const schemas = ranges.map(({ action, first, last, schema }) => ({
    ...schema,
    'x-openstack': { ...(action === null ? {} : { 'action-name': action }), ...microversions(first, last) },
  }));
  const discriminator = ranges.some(({ action }) => action !== null) ? 'action' : 'microversion';
  const [only] = schemas;
  const schema = schemas.length === 1 ? only : { anyOf: schemas, 'x-openstack': { discriminator } };
  return { 'application/json': { schema } };
}

function responsesOf(route: ComputeRoute): object {
  const { method } = route;
  const granted = grantedResponses(route).map((response) => [response.status, grantedResponse(route, response)]);
  const refused = [
    ...REFUSALS_OF_EVERY_REQUEST,
    ...(method === 'GET' ? [] : REFUSALS_OF_CHANGES),
    ...(method === 'POST' || method === 'PUT' ? REFUSALS_OF_BODIES : []),
    ...(route.path.endsWith('/action') ? [501] : []),
  ].map((status) => [status, reference(status === 401 ? 'Unauthorized' : 'Refused')] as const);
  return Object.fromEntries([...granted, ...refused]);
}

const reference = (name: string): object => ({ $ref: `#/components/responses/${name}` });

function grantedResponse({ since, until }: ComputeRoute, { body, canBeEmpty }: GrantedResponse): object {
  if (body === null) return reference('Granted');
  const ranges = schemaRanges(null, { bodySchemaAt: body, since }, until);
  return {
    description: canBeEmpty
      ? 'It is being done; with a body where there is something to tell at once.'
      : 'It was done.',
    headers: Object.fromEntries(VERSION_HEADERS.map((name) => [name, { $ref: `#/components/headers/${name}` }])),
    content: contentOf(ranges),
  };
}
