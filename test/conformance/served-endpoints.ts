import type { ComputeRoute } from '../../adapters/http/compute-route.ts';
import type { GoldenPair } from './golden-pairs.ts';

/** The answer of Nova's outermost layer to a path or a method it does not have. */
const UNKNOWN_ROUTE = '<br /><br />';
const PREFIX = /^\/v2(?:\.1)?(?:\/[0-9a-f-]{32,36})?(?=\/)/;

/** Whether this program has what is asked for; an endpoint that Nova does not have either counts as present. */
export function isServed(pair: GoldenPair, routes: readonly ComputeRoute[]): boolean {
  const { request, response } = pair;
  if (JSON.stringify(response.body).includes(UNKNOWN_ROUTE) && response.status === 404) return true;
  if (response.status === 300) return true;
  const [path = ''] = request.path.split('?');
  if (/^\/(?:v2(?:\.1)?\/?)?$/.test(path)) return true;
  const below = path.replace(PREFIX, '');
  return routes.some(({ method, path: pattern }) => method === request.method && matches(pattern, below));
}

function matches(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => (part.startsWith(':') ? given[index] !== '' : part === given[index]))
  );
}

const NO_SUCH_ACTION = 'There is no such action';

/** Actions are endpoints too, and only their name in the body tells them apart. */
export function isUnknownAction(pair: GoldenPair, text: string): boolean {
  return text.includes(NO_SUCH_ACTION) && !JSON.stringify(pair.response.body).includes(NO_SUCH_ACTION);
}
