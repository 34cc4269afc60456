import { hashPassword } from '../../adapters/identity/password-hash.ts';

export const PASSWORD = 'correct horse';

/** admin in two projects, demo a member of one, reader its reader, manager its manager, nobody in none. */
export async function sampleIdentityFile(password = PASSWORD): Promise<object> {
  const passwordHash = await hashPassword(password);
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
