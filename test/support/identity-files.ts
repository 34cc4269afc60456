import { randomBytes, scryptSync } from 'node:crypto';

export const PASSWORD = 'correct horse';

/** The cheapest that is accepted: a test checks many passwords, and nobody guesses them. */
const COST_LOG2 = 14;

/** admin in two projects, demo a member of one, reader its reader, manager its manager, nobody in none. */
export function sampleIdentityFile(password = PASSWORD): object {
  const passwordHash = cheapHash(password);
  const user = (name: string, projects: object) => ({ name, passwordHash, projects });
  return {
    projects: [{ name: 'admin' }, { name: 'demo', id: '7a5e36f1cbc74e50b2c0ab45fb590101' }],
    users: [
      user('admin', { admin: ['admin'], demo: ['admin'] }),
      user('demo', { demo: ['member'] }),
      user('manager', { demo: ['manager'] }),
      user('reader', { demo: ['reader'] }),
      user('nobody', {}),
    ],
  };
}

function cheapHash(password: string): string {
  const salt = randomBytes(16);
  const key = scryptSync(password, salt, 32, { N: 2 ** COST_LOG2, r: 8, p: 1 });
  const [saltText, keyText] = [salt, key].map((bytes) => bytes.toString('base64').replace(/=+$/, ''));
  return `$scrypt$ln=${COST_LOG2},r=8,p=1$${saltText}$${keyText}`;
}
