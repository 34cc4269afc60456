import { computeRoutes } from '../../adapters/http/compute-routes.ts';
import type { ComputeRoute } from '../../adapters/http/compute-route.ts';
import type { RouteDependencies } from '../../adapters/http/http-dependencies.ts';
import { grantedResponses } from '../../adapters/http/responses/granted-responses.ts';
import type { Microversion } from '../../domain/service-version/microversion.ts';

type Answered = {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly body: string;
  /** Its `OpenStack-API-Version`; null where there was none. */
  readonly microversion: string | null;
};

// Only what they are called is asked of them.
const ROUTES = computeRoutes({} as RouteDependencies).map((route) => ({ route, pattern: patternOf(route) }));

function patternOf({ path }: ComputeRoute): RegExp {
  const inPath = path.replaceAll(/:\w+/g, '([^/]+)');
  return new RegExp(String.raw`^/v2(?:\.1)?(?:/[0-9a-f-]+)?${inPath}$`);
}

/** Where an answer of the Compute API that grants something is not what the API's description says; null where it is. */
export function undescribed({ method, url, status, body, microversion }: Answered): string | null {
  if (status < 200 || status > 299) return null;
  const [path = ''] = url.split('?');
  const candidates = ROUTES.filter(({ route, pattern }) => route.method === method && pattern.test(path));
  const found = candidates.find(({ route }) => !route.path.includes(':')) ?? candidates[0];
  if (found === undefined) return null;
  const told = grantedResponses(found.route).find((response) => response.status === status);
  const what = `${method} ${found.route.path} at ${microversion ?? 'no microversion'}`;
  if (told === undefined) return `${what}: nobody has said that it answers ${status}`;
  if (body === '') return told.canBeEmpty ? null : `${what}: there is no body`;
  if (told.body === null) return `${what}: there is a body: ${body}`;
  const parsed = told.body(versionIn(microversion)).safeParse(JSON.parse(body));
  return parsed.success ? null : `${what}: ${JSON.stringify(parsed.error.issues)}`;
}

function versionIn(header: string | null): Microversion {
  const [major = 2, minor = 1] = (header?.split(' ').at(-1) ?? '2.1').split('.').map(Number);
  return { major, minor };
}
