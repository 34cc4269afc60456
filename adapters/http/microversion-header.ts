import type { IncomingHttpHeaders } from 'node:http';
import {
  MAXIMUM_MICROVERSION,
  microversionAtLeast,
  MINIMUM_MICROVERSION,
  type Microversion,
} from '../../domain/service-version/microversion.ts';

export type Negotiation =
  | { readonly answer: 'negotiated'; readonly microversion: Microversion }
  | { readonly answer: 'malformed'; readonly requested: string }
  | { readonly answer: 'outOfRange'; readonly requested: string };

const STANDARD_HEADER = 'openstack-api-version';
const LEGACY_HEADER = 'x-openstack-nova-api-version';
const SERVICE = 'compute';

/** Which microversion the client asks for (nova.md A.1). No header at all is the minimum; `latest` the maximum. */
export function negotiateMicroversion(headers: Readonly<IncomingHttpHeaders>): Negotiation {
  const requested = standard(headers[STANDARD_HEADER]) ?? legacy(headers[LEGACY_HEADER]);
  if (requested === null) return { answer: 'negotiated', microversion: MINIMUM_MICROVERSION };
  if (requested === 'latest') return { answer: 'negotiated', microversion: MAXIMUM_MICROVERSION };
  const parts = /^([1-9]\d*)\.([1-9]\d*|0)$/.exec(requested);
  if (parts === null) return { answer: 'malformed', requested };
  const microversion = { major: Number(parts[1]), minor: Number(parts[2]) };
  return microversionAtLeast(microversion, MINIMUM_MICROVERSION) &&
    microversionAtLeast(MAXIMUM_MICROVERSION, microversion)
    ? { answer: 'negotiated', microversion }
    : { answer: 'outOfRange', requested };
}

/** The two version headers and the two `Vary` headers of every response of a versioned resource (nova.md A.2). */
export function microversionHeaders(text: string): Readonly<Record<string, string | string[]>> {
  return {
    'OpenStack-API-Version': `${SERVICE} ${text}`,
    'X-OpenStack-Nova-API-Version': text,
    vary: ['OpenStack-API-Version', 'X-OpenStack-Nova-API-Version'],
  };
}

export const textOf = ({ major, minor }: Microversion): string => `${major}.${minor}`;

/** `compute 2.30, volume 3.1`: the last one for our service counts; a value without a space is no value. */
function standard(header: string | readonly string[] | undefined): string | null {
  for (const entry of joined(header)?.split(',').toReversed() ?? []) {
    const [service, version, ...rest] = entry.trim().split(/\s+/);
    if (service?.toLowerCase() === SERVICE && version !== undefined && rest.length === 0) return version;
  }
  return null;
}

function legacy(header: string | readonly string[] | undefined): string | null {
  return joined(header)?.split(',').at(-1)?.trim() ?? null;
}

function joined(header: string | readonly string[] | undefined): string | null {
  return header === undefined ? null : [header].flat().join(',');
}
