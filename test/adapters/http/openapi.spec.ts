import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { ComputeApiWorld } from '../../support/compute-api-world.ts';
import { SAMPLE_BODIES } from './sample-bodies.ts';

/** Two hundred requests, on a machine that does other things too. */
const REQUESTS_DEADLINE_MS = 120_000;
const METHOD = z.enum(['get', 'head', 'post', 'put', 'patch', 'delete']);
const RANGE = z.object({
  'action-name': z.string().optional(),
  discriminator: z.string().optional(),
  'min-ver': z.string().optional(),
  'max-ver': z.string().optional(),
});
const BODY = z.looseObject({ 'x-openstack': RANGE });
/** Of a body that differs from one microversion, or one action, to another. */
const rangesIn = (schema: z.infer<typeof BODY>) =>
  schema['x-openstack'].discriminator === undefined ? [schema] : z.array(BODY).parse(schema['anyOf']);
const REFERENCE = z.object({ $ref: z.string() });
const OPERATION = z.object({
  operationId: z.string(),
  tags: z.array(z.string()),
  'x-openstack': z.object({ 'min-ver': z.string(), 'max-ver': z.string().optional() }),
  parameters: z.array(
    z.union([
      REFERENCE,
      z.strictObject({
        name: z.string(),
        in: z.literal('path'),
        required: z.literal(true),
        schema: z.object({ type: z.string() }),
      }),
    ]),
  ),
  requestBody: z
    .object({ required: z.literal(true), content: z.object({ 'application/json': z.object({ schema: BODY }) }) })
    .optional(),
  responses: z.record(
    z.string().regex(/^[2-5]\d\d$/),
    z.union([
      z.strictObject({ $ref: z.string() }),
      z.strictObject({
        description: z.string(),
        headers: z.record(z.string(), REFERENCE),
        content: z.strictObject({ 'application/json': z.strictObject({ schema: BODY }) }),
      }),
    ]),
  ),
});
const OTHER = z.looseObject({ servers: z.array(z.object({ url: z.literal('/') })), parameters: z.array(z.object({})) });
const DOCUMENT = z.object({
  openapi: z.literal('3.1.0'),
  info: z.looseObject({ title: z.string(), version: z.literal('2.105') }),
  servers: z.array(z.looseObject({ url: z.string() })),
  security: z.tuple([z.object({ 'X-Auth-Token': z.array(z.string()) })]),
  paths: z.record(z.string().startsWith('/'), z.union([OTHER, z.partialRecord(METHOD, OPERATION)])),
  components: z.object({
    securitySchemes: z.object({
      'X-Auth-Token': z.strictObject({ type: z.literal('apiKey'), in: z.literal('header'), name: z.string() }),
    }),
    parameters: z.record(z.string(), z.looseObject({ name: z.string(), in: z.literal('header') })),
    headers: z.record(z.string(), z.strictObject({ description: z.string(), schema: z.object({ type: z.string() }) })),
    responses: z.record(z.string(), z.looseObject({ description: z.string() })),
  }),
});
const COMPUTE_PREFIXES = ['/v2.1', '/v2', '/v2.1/:project_id(^[0-9a-f-]+$)', '/v2/:project_id(^[0-9a-f-]+$)'];

function open(): ComputeApiWorld {
  const world = new ComputeApiWorld();
  onTestFinished(() => world.close());
  return world;
}

/** Asked once: it is the same for every world, and made of a thousand schemas. */
let onceFetched: ReturnType<typeof fetched> | null = null;
const served = (world: ComputeApiWorld) => (onceFetched ??= fetched(world));

async function fetched(world: ComputeApiWorld) {
  const answer = await world.call('GET', '/openapi.json', { roles: null });
  expect(answer.statusCode).toBe(200);
  return DOCUMENT.parse(answer.json());
}

/** Every method and path as fastify itself has them; those that are registered for all paths only refuse. */
function routesOf(world: ComputeApiWorld): ReadonlySet<string> {
  const parents: string[] = [];
  const found = new Set<string>();
  for (const line of world.server.printRoutes({ commonPrefix: false }).split('\n')) {
    const parts = /^([│ ]*)[├└]── (.*?)(?: \(([A-Z, ]+)\))?$/.exec(line);
    if (parts === null) continue;
    const [, indent = '', path = '', methods = ''] = parts;
    const depth = indent.length / '│   '.length;
    parents.splice(depth, parents.length, path);
    const whole = parents.join('');
    if (whole.includes('*')) continue;
    for (const method of methods.split(', '))
      if (METHOD.safeParse(method.toLowerCase()).success) found.add(`${method} ${whole}`);
  }
  return found;
}

type Described = Awaited<ReturnType<typeof served>>;

function operationsOf({ paths }: Described) {
  return Object.entries(paths).flatMap(([path, item]) =>
    METHOD.options.flatMap((method) => {
      const operation = OPERATION.safeParse(item[method]);
      return operation.success ? [{ method: method.toUpperCase(), path, ...operation.data }] : [];
    }),
  );
}

/** The schema of each body at each range of microversions, by the keys of SAMPLE_BODIES. */
function bodiesOf(description: Described) {
  return operationsOf(description).flatMap(({ method, path, requestBody }) => {
    const schema = requestBody?.content['application/json'].schema;
    const ranges = schema === undefined ? [] : rangesIn(schema);
    return ranges.map((range) => ({
      method,
      path,
      range,
      key: range['x-openstack']['action-name'] ?? `${method} ${path}`,
    }));
  });
}

describe('the description', () => {
  test('holds every route that is served and nothing else', async () => {
    const world = open();
    const { paths } = await served(world);
    const described = Object.entries(paths).flatMap(([path, item]) => {
      const prefixes = OTHER.safeParse(item).success ? [''] : COMPUTE_PREFIXES;
      const route = path.replaceAll(/\{(\w+)\}/g, ':$1');
      const methods = Object.keys(item).filter((key) => METHOD.safeParse(key).success);
      return methods.flatMap((method) => prefixes.map((prefix) => `${method.toUpperCase()} ${prefix}${route}`));
    });
    expect(described.length).toBeGreaterThan(300);
    expect(new Set(described)).toEqual(routesOf(world));
  });

  test('refers to nothing that it does not hold, and names each operation once', async () => {
    const description = await served(open());
    const operations = operationsOf(description);
    const named = [...JSON.stringify(description).matchAll(/"\$ref":"([^"]+)"/g)].map(
      ([, reference = '']) => reference,
    );
    const held = Object.entries(description.components).flatMap(([kind, parts]) =>
      Object.keys(parts).map((name) => `#/components/${kind}/${name}`),
    );
    expect(named.length).toBeGreaterThan(500);
    for (const reference of new Set(named)) expect(held).toContain(reference);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { path, parameters } of operations) {
      const inPath = parameters.flatMap((parameter) => ('in' in parameter ? [`{${parameter.name}}`] : []));
      expect(inPath).toEqual(path.match(/\{\w+\}/g) ?? []);
    }
  });

  test('tells when a route, a body and an action came and went', async () => {
    const description = await served(open());
    const range = (wanted: string) =>
      operationsOf(description).find(({ method, path }) => `${method} ${path}` === wanted)?.['x-openstack'];
    expect(range('DELETE /servers/{id}/migrations/{migration_id}')).toEqual({ 'min-ver': '2.24' });
    expect(range('GET /images')).toEqual({ 'min-ver': '2.1', 'max-ver': '2.35' });
    const bodies = bodiesOf(description)
      .filter(({ key }) => key === 'os-migrateLive')
      .map(({ range: { 'x-openstack': found } }) => [found['min-ver'], found['max-ver']]);
    expect(bodies).toEqual([
      ['2.1', '2.24'],
      ['2.25', '2.29'],
      ['2.30', '2.67'],
      ['2.68', undefined],
    ]);
  });
});

/** What a granted request answers at each range of microversions. */
function answersOf(description: Described) {
  return operationsOf(description).flatMap(({ method, path, responses }) =>
    Object.entries(responses).flatMap(([status, response]) => {
      if (!status.startsWith('2')) return [];
      const schema = 'content' in response ? response.content['application/json'].schema : null;
      return [{ operation: `${method} ${path}`, status, ranges: schema === null ? [] : rangesIn(schema) }];
    }),
  );
}

describe('the answers it describes', () => {
  test('are there for everything that is read', async () => {
    const answers = answersOf(await served(open()));
    const read = answers.filter(({ operation, status }) => operation.startsWith('GET') && status === '200');
    expect(read.length).toBeGreaterThan(45);
    expect(read.filter(({ ranges }) => ranges.length === 0)).toEqual([]);
    const minima = (wanted: string) =>
      answers
        .find(({ operation }) => operation === wanted)
        ?.ranges.map(({ 'x-openstack': range }) => Number(range['min-ver']?.split('.')[1]));
    expect(minima('GET /servers/{id}')).toEqual([1, 3, 9, 16, 19, 26, 47, 63, 71, 73, 90, 96, 98, 100]);
    expect(minima('GET /os-migrations')).toEqual([1, 23, 59, 80]);
    expect(minima('GET /servers/{id}/migrations')).toEqual([23, 59, 80]);
  });

  test('are what is answered, key by key, at each of their microversions', async () => {
    const world = open();
    await world.computeService('source', 74);
    const id = await world.serverIn('active');
    const answers = answersOf(await served(world)).filter(({ operation }) =>
      /^GET [^{]*(?:\/servers\/\{id\}[^{]*)?$/.test(operation),
    );
    const asked = new Set<string>();
    for (const { operation, ranges } of answers) {
      const path = operation.slice('GET '.length).replace('{id}', id);
      for (const { 'x-openstack': range, ...json } of ranges) {
        const schema = z.fromJSONSchema(json);
        for (const microversion of [range['min-ver'], range['max-ver'] ?? '2.105']) {
          const answer = await world.call('GET', `/v2.1${path}`, { microversion: microversion ?? '2.1' });
          if (answer.statusCode !== 200) continue;
          asked.add(operation);
          const body: Record<string, unknown> = answer.json();
          expect([operation, microversion, schema.safeParse(body).error]).toEqual([operation, microversion, undefined]);
          expect(schema.safeParse({ ...body, 'un known': {} }).success).toBe(false);
        }
      }
    }
    expect(asked.size).toBeGreaterThan(25);
  });
});

describe('the bodies it describes', () => {
  test('are those that the server reads, each with a sample', async () => {
    const keys = bodiesOf(await served(open())).map(({ key }) => key);
    expect(new Set(keys)).toEqual(new Set(Object.keys(SAMPLE_BODIES)));
  });

  test(
    'are accepted and refused as the server does',
    async () => {
      const world = open();
      for (const { method, path, range, key } of bodiesOf(await served(world))) {
        const sample = z.record(z.string(), z.unknown()).parse(SAMPLE_BODIES[key]);
        const microversion = range['x-openstack']['max-ver'] ?? '2.105';
        const { 'x-openstack': _range, ...json } = range;
        const schema = z.fromJSONSchema(json);
        for (const body of [sample, { ...sample, 'un known': 1 }]) {
          const isDescribed = schema.safeParse(body).success;
          const url = `/v2.1${path.replaceAll(/\{\w+\}/g, 'none')}`;
          const answer = await world.call(METHOD_OF[method] ?? 'POST', url, { microversion, body });
          const refused =
            answer.statusCode === 400 &&
            /Additional properties|required property|not of type|does not have enough|not match|malformed/i.test(
              answer.body,
            );
          // The description may accept more: what no JSON schema says. It must never refuse what the server takes.
          if (!isDescribed)
            expect([key, microversion, body, answer.body, refused]).toEqual([
              key,
              microversion,
              body,
              answer.body,
              true,
            ]);
          if (body === sample && isDescribed)
            expect([key, microversion, answer.body, refused]).toEqual([key, microversion, answer.body, false]);
        }
      }
    },
    REQUESTS_DEADLINE_MS,
  );
});

const METHOD_OF: Readonly<Record<string, 'POST' | 'PUT'>> = { POST: 'POST', PUT: 'PUT' };
