import type { IncomingHttpHeaders } from 'node:http';
import type { RequestContext } from '../../application/request-context.ts';
import { projectId, userId } from '../../domain/shared/ids.ts';

/** Keystone's own tokens are below 300; more than any of them, and less than what a header may be. */
const TOKEN_CHARACTERS_MAX = 8192;

/** The token of a request as keystonemiddleware looks for it; null for none, and for what no header should hold. */
export function tokenIn(headers: Readonly<IncomingHttpHeaders>): string | null {
  const given = headers['x-auth-token'] ?? headers['x-storage-token'];
  if (typeof given !== 'string' || given.length > TOKEN_CHARACTERS_MAX) return null;
  return /^[\x21-\x7e]+$/.test(given) ? given : null;
}

/**
 * `project` null: a token for no project. It may do nothing but what needs no role, as in Nova, whose rules are all for
 * the scope of a project.
 */
export function callerOf(
  user: string,
  project: string | null,
  roles: readonly string[],
): Omit<RequestContext, 'requestId'> {
  // oslo.policy compares roles without regard to case.
  const counted = project === null ? [] : roles.map((role) => role.toLowerCase());
  return {
    userId: userId(user),
    projectId: projectId(project ?? ''),
    roles: counted,
    isAdmin: counted.includes('admin'),
  };
}
