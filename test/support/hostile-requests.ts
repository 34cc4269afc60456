import * as fc from 'fast-check';
import type { ComputeRoute } from '../../adapters/http/compute-route.ts';
import { goldenPairs } from '../conformance/golden-pairs.ts';
import type { Question } from './http-exchange.ts';
import { describedBodies } from './schema-bodies.ts';

/** What there is in the server that is asked. */
export type KnownNames = {
  readonly servers: readonly string[];
  /** Flavors, hosts, images, key pairs, groups. */
  readonly others: readonly string[];
};

/** What real clients sent to a real Nova: the seeds that are bent into something nobody would send. */
const RECORDED_BODIES: readonly unknown[] = goldenPairs()
  .map(({ request }) => request.body)
  .filter((body) => body !== null && typeof body !== 'string');

const HOSTILE_TEXTS = [
  '',
  ' ',
  '.',
  '..',
  '%00',
  '__proto__',
  'constructor',
  'null',
  '-1',
  '0',
  '1e309',
  '99999999999999999999',
  "'; --",
  '${7*7}',
  '<domain/>',
  'a'.repeat(300),
  '\u{1F4A3}',
  '\ud800',
  '2099-01-01T00:00:00Z',
  '00000000-0000-0000-0000-000000000000',
  '00000000000000000000000000000001',
];
const hostileText = fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), fc.string({ unit: 'binary', maxLength: 40 }));
const hostileValue = fc.oneof(
  { weight: 3, arbitrary: hostileText },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 2, arbitrary: fc.constantFrom(null, true, false, 0, 1, -1, 2 ** 53, 1e308, [], {}, [[]], { a: null }) },
);

/** A recorded body in which one thing, somewhere, is another: a value, a key, a key too many, or the depth. */
const bentBody: fc.Arbitrary<unknown> = fc
  .tuple(fc.constantFrom(...RECORDED_BODIES), fc.nat(20), fc.constantFrom('value', 'key', 'more', 'less'), hostileValue)
  .map(([body, place, bend, value]) => bent(body, { left: place }, bend, value));

function bent(value: unknown, place: { left: number }, bend: 'value' | 'key' | 'more' | 'less', by: unknown): unknown {
  if (place.left === 0 && bend === 'value') return by;
  place.left -= 1;
  if (Array.isArray(value)) return value.map((item) => bent(item, place, bend, by));
  if (typeof value !== 'object' || value === null) return value;
  const here = place.left <= 0 && bend !== 'value';
  const entries = Object.entries(value).map(([key, item]) => [key, bent(item, place, bend, by)] as const);
  if (!here) return Object.fromEntries(entries);
  // A generated object may say itself what it is as a text, and wrongly.
  const keyInstead = typeof by === 'string' ? by : JSON.stringify(by);
  if (bend === 'less') return Object.fromEntries(entries.slice(1));
  if (bend === 'more') return Object.fromEntries([...entries, [keyInstead, by]]);
  return Object.fromEntries(entries.map(([key, item], index) => [index === 0 ? keyInstead : key, item]));
}

const payload: fc.Arbitrary<string | null> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(null) },
  { weight: 4, arbitrary: fc.constantFrom(...RECORDED_BODIES).map((body) => JSON.stringify(body)) },
  { weight: 8, arbitrary: bentBody.map((body) => JSON.stringify(body) ?? '') },
  { weight: 2, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('{', '[', '"', '{"a":1,"a":2}', '['.repeat(20_000), '{"server":'.repeat(500)),
  },
  { weight: 1, arbitrary: fc.constant(`{"server": "${'a'.repeat(120_000)}"}`) },
);

const microversion = fc.oneof(
  { weight: 16, arbitrary: fc.integer({ min: 1, max: 105 }).map((minor) => `2.${minor}`) },
  { weight: 2, arbitrary: fc.constantFrom('2.1', '2.105', 'latest', '2.106', '2.0', '3.0', '2.', 'x', '', '2.01') },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 1e12 }).map((minor) => `2.${minor}`) },
);
const versionHeaders: fc.Arbitrary<Readonly<Record<string, string>>> = fc.oneof(
  { weight: 8, arbitrary: microversion.map((text) => ({ 'openstack-api-version': `compute ${text}` })) },
  { weight: 2, arbitrary: microversion.map((text) => ({ 'x-openstack-nova-api-version': text })) },
  { weight: 1, arbitrary: headerText().map((text) => ({ 'openstack-api-version': text })) },
  { weight: 1, arbitrary: fc.constant({}) },
);
const caller = fc.constantFrom<Readonly<Record<string, string>>[]>(
  ...Array.from({ length: 8 }, () => ({ 'x-roles': 'admin' })),
  { 'x-roles': 'member' },
  { 'x-roles': 'manager' },
  { 'x-roles': 'reader' },
  { 'x-roles': 'member', 'x-project-id': 'f6f9ea5191a74e7181e2d7844081c6ad' },
  {},
);
const otherHeaders = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(
        'application/json',
        'text/plain',
        'text/xml',
        'application/json; charset=x',
        ';',
        'multipart/form-data',
      )
      .map((type) => ({ 'content-type': type })),
  },
  { weight: 1, arbitrary: headerText().map((accept) => ({ accept })) },
);

/** What Node itself would let a client send. */
function headerText(): fc.Arbitrary<string> {
  return fc.string({ maxLength: 60 }).filter((text) => !/[^\t\u0020-\u007e]/.test(text));
}

const encoded = hostileText.map((text) => encodeURIComponent(text.toWellFormed()));

function pathOf({ path: pattern }: ComputeRoute, { servers, others }: KnownNames): fc.Arbitrary<string> {
  const named = fc.constantFrom(...(pattern.startsWith('/servers') ? servers : others));
  const id = fc.oneof(
    { weight: 6, arbitrary: named },
    { weight: 1, arbitrary: fc.uuid() },
    { weight: 1, arbitrary: fc.nat(40).map(String) },
    { weight: 2, arbitrary: encoded },
  );
  return fc
    .tuple(...pattern.split('/').map((part) => (part.startsWith(':') ? id : fc.constant(part))))
    .map((parts) => parts.join('/'));
}

/** A path of `routes` with ids of `known` things, or of nothing, in it; or any path at all. */
function path(routes: readonly ComputeRoute[], known: KnownNames): fc.Arbitrary<string> {
  const versions = ['/v2.1', '/v2.1', '/v2', '/v2.1/7a5e36f1cbc74e50b2c0ab45fb590101'];
  const served = fc
    .tuple(fc.constantFrom(...versions), fc.constantFrom(...routes))
    .chain(([version, route]) => pathOf(route, known).map((below) => `${version}${below}`));
  const any = fc.array(encoded, { maxLength: 5 }).map((parts) => `/${parts.join('/')}`);
  const broken = fc.constantFrom('/v2.1/servers/%', '/v2.1/servers/%ff%fe', '/v2.1//servers', '//', '/v2.1/servers/..');
  return fc.oneof({ weight: 12, arbitrary: served }, { weight: 1, arbitrary: any }, { weight: 1, arbitrary: broken });
}

const PARAMETERS =
  'limit marker sort_key sort_dir changes-since changes-since changes-before changes-before status name host all_tenants deleted tags locked ' +
  'with_servers hypervisor_hostname_pattern binary migration_type instance_uuid project_id user_id minRam is_public nosuch';
const query = (minLength: number): fc.Arbitrary<string> =>
  fc
    .array(fc.tuple(fc.constantFrom(...PARAMETERS.split(' ')), encoded), { minLength, maxLength: 3 })
    .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'));

/** A whole request of a client that is mistaken, malicious, or broken in some place. */
export function hostileRequests(routes: readonly ComputeRoute[], known: KnownNames): fc.Arbitrary<Question> {
  const method = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('GET', 'POST', 'POST', 'PUT', 'DELETE') },
    { weight: 1, arbitrary: fc.constantFrom('PATCH', 'HEAD', 'OPTIONS') },
  );
  const actions = fc.constantFrom(...known.servers).map((id) => `/v2.1/servers/${id}/action`);
  const lists = fc
    .constantFrom(
      '/servers',
      '/servers/detail',
      '/os-migrations',
      '/os-hypervisors',
      '/os-services',
      '/flavors/detail',
      ...known.servers.slice(0, 3).map((id) => `/servers/${id}/os-instance-actions`),
    )
    .map((list) => `/v2.1${list}`);
  const asked = fc.oneof(
    { weight: 5, arbitrary: fc.record({ method, path: path(routes, known), query: query(0) }) },
    { weight: 4, arbitrary: fc.record({ method: fc.constant('POST'), path: actions, query: fc.constant('') }) },
    { weight: 4, arbitrary: fc.record({ method: fc.constant('GET'), path: lists, query: query(1) }) },
  );
  const hostile = fc.record({ asked, versionHeaders, caller, otherHeaders, payload }).map((given) => ({
    method: given.asked.method,
    path: given.asked.query === '' ? given.asked.path : `${given.asked.path}?${given.asked.query}`,
    headers: { ...given.versionHeaders, ...given.caller, ...given.otherHeaders },
    payload: given.asked.method === 'GET' || given.asked.method === 'HEAD' ? null : given.payload,
  }));
  return fc.oneof(
    { weight: 5, arbitrary: hostile },
    { weight: 1, arbitrary: wellMeant(known) },
    { weight: 3, arbitrary: asDescribed(routes, known) },
  );
}

/** By the book: a route at one of its microversions, with a body as described, or with one thing in it bent. */
function asDescribed(routes: readonly ComputeRoute[], known: KnownNames): fc.Arbitrary<Question> {
  const deletions = routes.filter(({ method }) => method === 'DELETE');
  const deleted = fc.constantFrom(...deletions).map((route) => ({ route, minor: 90, body: null }));
  const bodies = describedBodies(routes, [...known.others, ...known.servers.slice(0, 2)]);
  const bend = fc.tuple(fc.nat(9), fc.constantFrom('value', 'key', 'more', 'less'), hostileValue);
  return fc
    .tuple(
      fc.oneof({ weight: 9, arbitrary: bodies }, { weight: 1, arbitrary: deleted }),
      fc.option(bend, { freq: 1 }),
      caller,
    )
    .chain(([{ route, minor, body }, bending, headers]) =>
      pathOf(route, known).map((below) => ({
        method: route.method,
        path: `/v2.1${below}`,
        headers: { 'openstack-api-version': `compute 2.${minor}`, ...headers },
        payload:
          route.method === 'DELETE'
            ? null
            : JSON.stringify(bending === null ? body : bent(body, { left: bending[0] }, bending[1], bending[2])),
      })),
    );
}

/** What a recorded client asked, of any of our servers where it was about one: taken where the state allows it. */
function wellMeant(known: KnownNames): fc.Arbitrary<Question> {
  const serverInPath = /servers\/[0-9a-f-]{36}/;
  const recorded = goldenPairs().filter(
    ({ request, as }) => as === 'admin' && (serverInPath.test(request.path) || request.body !== null),
  );
  return fc.tuple(fc.constantFrom(...recorded), fc.constantFrom(...known.servers)).map(([{ request }, id]) => ({
    method: request.method,
    path: request.path.replace(serverInPath, `servers/${id}`),
    headers: { ...request.headers, 'x-roles': 'admin' },
    payload: request.body === null ? null : JSON.stringify(request.body),
  }));
}
