import type { KnownDifference } from './known-differences.ts';
import type { GoldenPair } from './golden-pairs.ts';

type Response = GoldenPair['response'];

const ZED_MAXIMUM = '2.93';
const OUR_MAXIMUM = '2.105';

/** The recorded answer as the Nova that this program follows would give it (nova.md A.4, L). */
export function asAnsweredNow({ request, response }: GoldenPair, known: KnownDifference | null): Response {
  if (known?.kind === 'current') {
    const contentType = known.status >= 400 ? 'application/json; charset=UTF-8' : 'application/json';
    return { status: known.status, headers: { ...response.headers, 'Content-Type': contentType }, body: known.body };
  }
  const latest = Object.values(request.headers).some((value) => value.endsWith('latest'));
  return {
    status: response.status,
    headers: latest ? replaced(response.headers, ZED_MAXIMUM, OUR_MAXIMUM) : response.headers,
    body: withOurVersions(response.body),
  };
}

function replaced(headers: Response['headers'], from: string, to: string): Response['headers'] {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace(from, to)]));
}

/** Wherever versions are told: the maximum, and 2.0, which has been deprecated since. */
function withOurVersions(body: unknown): unknown {
  if (body === null || typeof body !== 'object') return body;
  const text = JSON.stringify(body)
    .replace(`maximum is ${ZED_MAXIMUM}`, `maximum is ${OUR_MAXIMUM}`)
    .replaceAll(`"version":"${ZED_MAXIMUM}"`, `"version":"${OUR_MAXIMUM}"`)
    .replaceAll('"status":"SUPPORTED"', '"status":"DEPRECATED"')
    .replaceAll('"updated":"2011-01-21T11:33:21Z"', '"updated":"2025-07-04T12:00:00Z"');
  return JSON.parse(text);
}
