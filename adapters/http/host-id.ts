import { createHash } from 'node:crypto';

/** Tells an owner whether two servers share a host, and not which: `""` for a server that is on none (nova.md F.1). */
export function hostId(projectId: string, host: string | null): string {
  return host === null ? '' : createHash('sha224').update(`${projectId}${host}`).digest('hex');
}
