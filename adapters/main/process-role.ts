import { hostname } from 'node:os';
import { hostName, type HostName } from '../../domain/shared/ids.ts';
import type { Configuration } from './configuration.ts';

/** What a process is for. All of one fleet share the event store and, best, one configuration file. */
export type ProcessRole =
  | { readonly role: 'all' }
  /** Answers requests, and touches no hypervisor. */
  | { readonly role: 'api' }
  /** Serves one host; reaches the others only as the other side of a migration. */
  | { readonly role: 'compute'; readonly host: HostName };

export const ALL_IN_ONE: ProcessRole = { role: 'all' };

/** Throws a sentence for the operator when the role's host is not configured. */
export function servedHosts({ hosts }: Configuration, role: ProcessRole): readonly HostName[] {
  const names = hosts.map(({ name }) => hostName(name));
  if (role.role === 'api') return [];
  if (role.role === 'all') return names;
  if (names.includes(role.host)) return [role.host];
  throw new Error(
    `--host: found ${role.host}; expected a host of the configuration (${names.join(', ')}). ` +
      'Every process is given every host, since a migration reaches two.',
  );
}

/** For operators who wonder who holds a lease. */
export function describeProcess(role: ProcessRole): string {
  const command = { all: 'serve', api: 'api', compute: 'compute' }[role.role];
  const host = role.role === 'compute' ? ` --host ${role.host}` : '';
  return `lifeboat ${command}${host}, process ${process.pid} on ${hostname()}`;
}
