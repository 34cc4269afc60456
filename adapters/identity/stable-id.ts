import { createHash } from 'node:crypto';

const ID_CHARACTERS = 32;

/** As Keystone's ids look, and the same after every start: servers remember the project they belong to. */
export function stableId(kind: 'user' | 'project' | 'role', name: string): string {
  return createHash('sha256').update(`lifeboat ${kind} ${name}`).digest('hex').slice(0, ID_CHARACTERS);
}
