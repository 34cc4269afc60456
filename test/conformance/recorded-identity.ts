import type { IncomingHttpHeaders } from 'node:http';
import type { Identity, IdentityAnswer } from '../../adapters/http/identity.ts';
import { projectId, userId } from '../../domain/shared/ids.ts';

/** Of the recorded deployments: the second one was installed anew, so its administrator has other ids. */
const ADMIN_PROJECT = '7a5e36f1cbc74e50b2c0ab45fb590101';
const DEMO_PROJECT = 'f6f9ea5191a74e7181e2d7844081c6ad';
const SECOND_ADMIN_PROJECT = 'fd59a9dadf494136a792d74ce2b458ec';

type User = { readonly user: string; readonly project: string; readonly roles: readonly string[] };

const USERS: Readonly<Record<string, User>> = {
  admin: { user: '1281245c961f4e79a3788a748059d37a', project: ADMIN_PROJECT, roles: ['admin', 'member', 'reader'] },
  'second admin': {
    user: 'fca135ce56204af9b9af596a947b8158',
    project: SECOND_ADMIN_PROJECT,
    roles: ['admin', 'member', 'reader'],
  },
  demo: { user: 'ff40807718774e469e2d4be2a684547c', project: DEMO_PROJECT, roles: ['member', 'reader'] },
  reader: { user: '7c9695bf75f04a00b9cdd3bba2df905c', project: DEMO_PROJECT, roles: ['reader'] },
};

export type UserName = 'admin' | 'second admin' | 'demo' | 'reader';

/** A scene is set by whoever is named, with an administrator's rights: what Zed let a reader do must have been done. */
export const sceneToken = (user: UserName): string => `scene:${user}`;

/** Who a recorded user or project id belongs to; null: to nobody here. */
export function userNamed(id: string): UserName | null {
  const found = Object.entries(USERS).find(([, { user }]) => user === id)?.[0];
  return found === undefined ? null : (found as UserName);
}

/** The recorded users: a token is the user's name. */
export class RecordedIdentity implements Identity {
  async authenticate(headers: Readonly<IncomingHttpHeaders>): Promise<IdentityAnswer> {
    const token = headers['x-auth-token'];
    const name = typeof token === 'string' ? token : '';
    const scene = name.startsWith('scene:');
    const found = USERS[scene ? name.slice('scene:'.length) : name];
    if (found === undefined || !Object.hasOwn(USERS, scene ? name.slice('scene:'.length) : name)) {
      return { answer: 'unauthenticated', challenge: 'Keystone uri="http://127.0.0.1:15000/v3"' };
    }
    const roles = scene ? ['admin', 'manager', 'member', 'reader'] : found.roles;
    return {
      answer: 'authenticated',
      caller: {
        userId: userId(found.user),
        projectId: projectId(found.project),
        roles,
        isAdmin: roles.includes('admin'),
      },
    };
  }
}
