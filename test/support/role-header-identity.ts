import type { IncomingHttpHeaders } from 'node:http';
import type { Identity, IdentityAnswer } from '../../adapters/http/identity.ts';
import { projectId, userId } from '../../domain/shared/ids.ts';

const CHALLENGE = 'Keystone uri="http://127.0.0.1:5000/v3"';
export const PROJECT = '7a5e36f1cbc74e50b2c0ab45fb590101';
export const OTHER_PROJECT = 'f6f9ea5191a74e7181e2d7844081c6ad';

/** Believes the roles and the project that a test writes into the headers; a request without them has no token. */
export class RoleHeaderIdentity implements Identity {
  outage: string | null = null;

  async authenticate(headers: Readonly<IncomingHttpHeaders>): Promise<IdentityAnswer> {
    if (this.outage !== null) return { answer: 'unavailable', reason: this.outage };
    const roles = headers['x-roles'];
    if (typeof roles !== 'string') return { answer: 'unauthenticated', challenge: CHALLENGE };
    const project = headers['x-project-id'];
    const caller = {
      userId: userId(`user-${roles}`),
      projectId: projectId(typeof project === 'string' ? project : PROJECT),
      roles: roles.split(','),
      isAdmin: roles.split(',').includes('admin'),
    };
    return { answer: 'authenticated', caller };
  }
}
