import { MAXIMUM_MICROVERSION, MINIMUM_MICROVERSION } from '../../../domain/service-version/microversion.ts';
import type { ComputeRoute } from '../compute-route.ts';
import { textOf } from '../microversion-header.ts';
import { operationOf, templatedPath, VERSION_HEADERS } from './operation.ts';

/** A route beside the Compute API: the version documents, the identity service, the image service, this document. */
export type OtherRoute = { readonly method: string; readonly path: string };

const OPENAPI_VERSION = '3.1.0';

/** Where every path of the Compute API is found; the project in it must be the token's own. */
const COMPUTE_SERVERS = [
  { url: '/v2.1' },
  { url: '/v2.1/{project_id}', variables: { project_id: { default: 'project' } } },
  { url: '/v2', description: 'Without microversions: always the minimum. Unknown properties of a body are dropped.' },
  { url: '/v2/{project_id}', variables: { project_id: { default: 'project' } } },
];

/** What is served, in OpenAPI 3.1. The other routes are named and not described: theirs are documents of their own. */
export function openApiDocument(routes: readonly ComputeRoute[], others: readonly OtherRoute[]): object {
  return {
    openapi: OPENAPI_VERSION,
    info: {
      title: 'Lifeboat Compute API',
      version: textOf(MAXIMUM_MICROVERSION),
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      'x-openstack': { 'min-ver': textOf(MINIMUM_MICROVERSION), 'max-ver': textOf(MAXIMUM_MICROVERSION) },
    },
    servers: COMPUTE_SERVERS,
    security: [{ 'X-Auth-Token': [] }],
    paths: Object.fromEntries([...computePaths(routes), ...otherPaths(others)]),
    components: COMPONENTS,
  };
}

function computePaths(routes: readonly ComputeRoute[]): readonly (readonly [string, object])[] {
  const ofPath = Map.groupBy(routes, ({ path }) => templatedPath(path));
  return [...ofPath].map(([path, found]) => {
    const operations = found.map((route) => [route.method.toLowerCase(), operationOf(route)] as const);
    return [path, Object.fromEntries(operations)] as const;
  });
}

function otherPaths(others: readonly OtherRoute[]): readonly (readonly [string, object])[] {
  const ofPath = Map.groupBy(others, ({ path }) => templatedPath(path));
  return [...ofPath].map(([path, found]) => {
    const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    }));
    const responses = { default: { description: 'As that API describes it.' } };
    const operations = found.map(({ method }) => [method.toLowerCase(), { responses }] as const);
    return [path, { servers: [{ url: '/' }], parameters, ...Object.fromEntries(operations) }] as const;
  });
}

const MICROVERSION = String.raw`[1-9]\d*\.(?:[1-9]\d*|0)`;
const headerOf = (pattern: string, description: string) => ({ description, schema: { type: 'string', pattern } });
const STANDARD = headerOf(`^compute (?:${MICROVERSION}|latest)$`, 'The microversion; without it, the minimum.');
const LEGACY = headerOf(`^(?:${MICROVERSION}|latest)$`, 'The same for older clients; the other one wins.');

const HEADERS: Readonly<Record<(typeof VERSION_HEADERS)[number], object>> = {
  'OpenStack-API-Version': STANDARD,
  'X-OpenStack-Nova-API-Version': LEGACY,
  'x-openstack-request-id': headerOf('^req-', 'Names the request in instance actions and logs.'),
};
const HEADER_REFERENCES = Object.fromEntries(
  VERSION_HEADERS.map((name) => [name, { $ref: `#/components/headers/${name}` }]),
);

const FAULT = {
  type: 'object',
  minProperties: 1,
  additionalProperties: {
    type: 'object',
    required: ['code', 'message'],
    properties: { code: { type: 'integer' }, message: { type: 'string' } },
  },
};

const COMPONENTS = {
  securitySchemes: { 'X-Auth-Token': { type: 'apiKey', in: 'header', name: 'X-Auth-Token' } },
  parameters: {
    'OpenStack-API-Version': { name: 'OpenStack-API-Version', in: 'header', ...STANDARD },
    'X-OpenStack-Nova-API-Version': { name: 'X-OpenStack-Nova-API-Version', in: 'header', ...LEGACY },
  },
  headers: HEADERS,
  responses: {
    Granted: {
      description: 'It was done, or it was recorded and is being done (202). There is no body.',
      headers: HEADER_REFERENCES,
    },
    Refused: {
      description: 'It was not done; the body says why.',
      headers: HEADER_REFERENCES,
      content: { 'application/json': { schema: FAULT } },
    },
    Unauthorized: {
      description: 'There is no valid token; `WWW-Authenticate` says where to get one.',
      headers: { 'WWW-Authenticate': { schema: { type: 'string' } } },
      content: { 'application/json': { schema: FAULT } },
    },
  },
};
