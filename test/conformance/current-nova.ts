import { hostname } from 'node:os';
import { hostId } from '../../adapters/http/host-id.ts';
import type { GoldenPair } from './golden-pairs.ts';
import type { KnownDifference } from './known-differences.ts';

type Response = GoldenPair['response'];

const ZED_MAXIMUM = '2.93';
const OUR_MAXIMUM = '2.105';

/** The recorded answer as the Nova that this program follows would give it (nova.md A.4, L), on this deployment. */
export function asAnsweredNow({ request, response }: GoldenPair, known: KnownDifference | null): Response {
  if (known?.kind === 'otherwise') {
    const contentType = known.status >= 400 ? 'application/json; charset=UTF-8' : 'application/json';
    return { status: known.status, headers: { ...response.headers, 'Content-Type': contentType }, body: known.body };
  }
  const latest = Object.values(request.headers).some((value) => value.endsWith('latest'));
  return {
    status: response.status,
    headers: latest ? replaced(response.headers, ZED_MAXIMUM, OUR_MAXIMUM) : response.headers,
    body: onThisDeployment(withOurVersions(response.body)),
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

const RECORDED_CONDUCTOR = 'vm';

/**
 * What the recorded deployment's programs put in: the name of the host that its conductor ran on, and the root disk and
 * the power state of a rescued guest of Nova's fake driver (libvirt's are vda and running).
 */
function onThisDeployment(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(onThisDeployment);
  if (typeof value !== 'object' || value === null) return value;
  const object: Readonly<Record<string, unknown>> = { ...value };
  const ours = Object.entries(object).map(([key, item]) => [key, ofThisDeployment(object, key, item)] as const);
  return Object.fromEntries(ours);
}

function ofThisDeployment(object: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  if (key === 'OS-EXT-SRV-ATTR:root_device_name' && value === '/dev/sda') return '/dev/vda';
  if (key === 'OS-EXT-STS:power_state' && object['OS-EXT-STS:vm_state'] === 'rescued') return 1;
  if (key === 'host' && value === RECORDED_CONDUCTOR) return hostname();
  if (key === 'events' && Array.isArray(value)) return value.map((event) => withConductor(event, object['project_id']));
  return onThisDeployment(value);
}

/** An owner is told a hash of the project and the host instead of the host. */
function withConductor(event: unknown, project: unknown): unknown {
  if (typeof event !== 'object' || event === null || typeof project !== 'string') return event;
  const shown: Readonly<Record<string, unknown>> = { ...event };
  if (shown['hostId'] !== hostId(project, RECORDED_CONDUCTOR)) return onThisDeployment(event);
  return onThisDeployment({ ...shown, hostId: hostId(project, hostname()) });
}
