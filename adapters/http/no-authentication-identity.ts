import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { RequestContext } from '../../application/request-context.ts';
import { projectId, userId } from '../../domain/shared/ids.ts';
import type { Identity, IdentityAnswer } from './identity.ts';

/** The one user and the one project of a deployment without an identity service. Hexadecimal, since it stands in URLs. */
const ADMINISTRATOR: Omit<RequestContext, 'requestId'> = {
  userId: userId('00000000000000000000000000000001'),
  projectId: projectId('00000000000000000000000000000001'),
  roles: ['admin', 'manager', 'member', 'reader'],
  isAdmin: true,
};

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** True for addresses that only this machine can reach: the only ones on which nobody may be asked for a token. */
export function isLoopback(address: string): boolean {
  if (address === 'localhost') return true;
  const family = isIP(address);
  return family !== 0 && LOOPBACK.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/**
 * Everybody on this machine is the administrator, with any token or none. Whoever listens anywhere but on loopback
 * must not use it. A web page in the operator's own browser is not the operator, so what a browser sends on behalf of
 * a page (`Origin`), or to a name that a page made point here (`Host`), is refused.
 */
export class NoAuthenticationIdentity implements Identity {
  async authenticate(headers: Readonly<IncomingHttpHeaders>): Promise<IdentityAnswer> {
    if (headers.origin !== undefined || !isLoopback(hostnameIn(headers.host ?? 'localhost'))) {
      return { answer: 'unauthenticated', challenge: 'None realm="loopback"' };
    }
    return { answer: 'authenticated', caller: ADMINISTRATOR };
  }
}

function hostnameIn(host: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(host);
  return (bracketed?.[1] ?? host.replace(/:\d*$/, '')).toLowerCase();
}
