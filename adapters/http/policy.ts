import type { RequestContext } from '../../application/request-context.ts';
import type { ProjectId } from '../../domain/shared/ids.ts';
import { fault, type HttpAnswer } from './http-answer.ts';
import { RESOURCE_ROLES } from './resource-roles.ts';

type Role = 'reader' | 'member' | 'manager' | 'admin';

/** Keystone's implied roles: who has one has those before it. */
const ROLES_IN_ORDER: readonly Role[] = ['reader', 'member', 'manager', 'admin'];

/** Nova's rule names and the role each asks for (nova.md H.1, master). All but `admin` count in the own project only. */
const REQUIRED_ROLE = {
  ...RESOURCE_ROLES,
  'os_compute_api:servers:index': 'reader',
  'os_compute_api:servers:index:get_all_tenants': 'admin',
  'os_compute_api:servers:detail': 'reader',
  'os_compute_api:servers:detail:get_all_tenants': 'admin',
  'os_compute_api:servers:show': 'reader',
  'os_compute_api:servers:show:host_status': 'admin',
  'os_compute_api:servers:create': 'member',
  'os_compute_api:servers:create:forced_host': 'admin',
  'os_compute_api:servers:create:requested_destination': 'admin',
  'os_compute_api:servers:delete': 'member',
  'os_compute_api:servers:start': 'member',
  'os_compute_api:servers:stop': 'member',
  'os_compute_api:servers:reboot': 'member',
  'os_compute_api:os-pause-server:pause': 'member',
  'os_compute_api:os-pause-server:unpause': 'member',
  'os_compute_api:os-rescue': 'member',
  'os_compute_api:os-unrescue': 'member',
  'os_compute_api:os-lock-server:lock': 'member',
  'os_compute_api:os-lock-server:unlock': 'member',
  'os_compute_api:os-lock-server:unlock:unlock_override': 'admin',
  'os_compute_api:os-admin-actions:reset_state': 'admin',
  'os_compute_api:os-migrate-server:migrate_live': 'manager',
  'os_compute_api:os-migrate-server:migrate_live:host': 'admin',
  'os_compute_api:os-extended-server-attributes': 'admin',
  'os_compute_api:os-instance-actions:list': 'reader',
  'os_compute_api:os-instance-actions:show': 'reader',
  'os_compute_api:os-instance-actions:events': 'admin',
  'os_compute_api:os-instance-actions:events:details': 'admin',
  'os_compute_api:servers:migrations:index': 'manager',
  'os_compute_api:servers:migrations:index:host': 'admin',
  'os_compute_api:servers:migrations:show': 'admin',
  'os_compute_api:servers:migrations:delete': 'manager',
  'os_compute_api:servers:migrations:force_complete': 'manager',
  'os_compute_api:os-migrations:index': 'manager',
  'os_compute_api:os-migrations:index:all_projects': 'admin',
  'os_compute_api:os-migrations:index:host': 'admin',
  'os_compute_api:os-services:list': 'admin',
  'os_compute_api:os-services:update': 'admin',
  'os_compute_api:os-services:delete': 'admin',
  'os_compute_api:os-hypervisors:list': 'admin',
  'os_compute_api:os-hypervisors:list-detail': 'admin',
  'os_compute_api:os-hypervisors:show': 'admin',
  'os_compute_api:os-hypervisors:uptime': 'admin',
  'os_compute_api:os-flavor-extra-specs:index': 'reader',
} as const satisfies Record<string, Role>;

export type PolicyRule = keyof typeof REQUIRED_ROLE;

/** `targetProject` is the project of what is asked about; the caller's own where there is no such thing. */
export function allows(context: RequestContext, rule: PolicyRule, targetProject: ProjectId): boolean {
  if (context.isAdmin) return true;
  const required = ROLES_IN_ORDER.indexOf(REQUIRED_ROLE[rule]);
  // Nobody is an administrator by a role alone: isAdmin is the identity's own word.
  const rolesOfAProject = ROLES_IN_ORDER.slice(required, ROLES_IN_ORDER.indexOf('admin'));
  return context.projectId === targetProject && rolesOfAProject.some((role) => context.roles.includes(role));
}

/** Null when allowed. Asked only after the server was found in the caller's own view: 404 comes before 403. */
export function refuseByPolicy(
  context: RequestContext,
  rule: PolicyRule,
  targetProject: ProjectId = context.projectId,
): HttpAnswer | null {
  return allows(context, rule, targetProject) ? null : fault(403, `Policy doesn't allow ${rule} to be performed.`);
}
