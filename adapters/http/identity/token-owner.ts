import type { TokenFacts } from './identity-service.ts';

/** True for a token of a project in which its user is an administrator. */
export const isAdministrator = ({ roles }: TokenFacts): boolean =>
  roles.some(({ name }) => name.toLowerCase() === 'admin');
