import { METADATA_ITEMS_MAX } from '../../../domain/instance/instance-details.ts';
import { KEY_PAIRS_MAX } from '../../../domain/key-pair/key-pair.ts';
import { SERVER_GROUP_MEMBERS_MAX, SERVER_GROUPS_MAX } from '../../../domain/server-group/server-group.ts';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import { projectId, type ProjectId } from '../../../domain/shared/ids.ts';
import { parameter, route, type ComputeRequest, type ComputeRoute } from '../compute-route.ts';
import { ok, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { refuseByPolicy } from '../policy.ts';
import { refuseQuery } from '../query-rules.ts';
import { supports } from '../supports.ts';

/** No bound here: the hosts themselves are the bound. */
const UNLIMITED = -1;
const STRICT_SINCE = 75;

/** `GET /limits` and `GET /os-quota-sets`: the fixed bounds of this control plane, and what a project uses. */
export function projectLimitRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  const path = '/os-quota-sets/:project' as const;
  return [
    route('GET', '/limits', (request) => showLimits(dependencies, request)),
    route('GET', path, (request) => showQuotas(request, 'show')),
    route('GET', `${path}/defaults`, ({ microversion, parameters }) =>
      ok({ quota_set: { id: parameters['project'], ...quotas(microversion) } }),
    ),
    route('GET', `${path}/detail`, (request) => showQuotas(request, 'detail')),
  ];
}

function showLimits(dependencies: RouteDependencies, { context, query, microversion }: ComputeRequest): HttpAnswer {
  const wrong = refuseQuery(query, { known: ['reserved', 'tenant_id'], strictSince: STRICT_SINCE }, microversion);
  if (wrong !== null) return wrong;
  const wanted = projectId(query.get('tenant_id') ?? context.projectId);
  const forbidden =
    wanted === context.projectId ? null : refuseByPolicy(context, 'os_compute_api:limits:other_project');
  if (forbidden !== null) return forbidden;
  const usage = usageOf(dependencies, wanted);
  const absolute = {
    maxTotalInstances: UNLIMITED,
    maxTotalCores: UNLIMITED,
    maxTotalRAMSize: UNLIMITED,
    maxServerMeta: METADATA_ITEMS_MAX,
    maxTotalKeypairs: KEY_PAIRS_MAX,
    maxServerGroups: SERVER_GROUPS_MAX,
    maxServerGroupMembers: SERVER_GROUP_MEMBERS_MAX,
    totalRAMUsed: usage.ramMiB,
    totalCoresUsed: usage.cores,
    totalInstancesUsed: usage.servers,
    totalServerGroupsUsed: usage.serverGroups,
    ...(supports(microversion, 36) ? {} : NETWORK_LIMITS),
    ...(supports(microversion, 39) ? {} : { maxImageMeta: METADATA_ITEMS_MAX }),
    ...(supports(microversion, 57) ? {} : { maxPersonality: 0, maxPersonalitySize: 0 }),
  };
  return ok({ limits: { rate: [], absolute } });
}

const NETWORK_LIMITS = {
  maxSecurityGroups: UNLIMITED,
  maxSecurityGroupRules: UNLIMITED,
  maxTotalFloatingIps: UNLIMITED,
  totalSecurityGroupsUsed: 0,
  totalFloatingIpsUsed: 0,
};

function usageOf({ views }: RouteDependencies, project: ProjectId) {
  const servers = [...views.servers.all()].filter(
    ({ existence, owner }) => existence === 'present' && owner.projectId === project,
  );
  return {
    servers: servers.length,
    cores: servers.reduce((sum, { flavor }) => sum + flavor.vcpus, 0),
    ramMiB: servers.reduce((sum, { flavor }) => sum + flavor.ramMiB, 0),
    serverGroups: views.serverGroups.all(project).length,
  };
}

function showQuotas(request: ComputeRequest, kind: 'show' | 'detail'): HttpAnswer {
  const { context, microversion } = request;
  const project = projectId(parameter(request, 'project'));
  const forbidden = refuseByPolicy(context, `os_compute_api:os-quota-sets:${kind}`, project);
  if (forbidden !== null) return forbidden;
  const shown = Object.entries(quotas(microversion)).map(([name, limit]) => [
    name,
    kind === 'show' ? limit : { limit, in_use: 0, reserved: 0 },
  ]);
  return ok({ quota_set: { id: project, ...Object.fromEntries(shown) } });
}

function quotas(microversion: Microversion): Readonly<Record<string, number>> {
  return {
    cores: UNLIMITED,
    instances: UNLIMITED,
    key_pairs: KEY_PAIRS_MAX,
    metadata_items: METADATA_ITEMS_MAX,
    ram: UNLIMITED,
    server_group_members: SERVER_GROUP_MEMBERS_MAX,
    server_groups: SERVER_GROUPS_MAX,
    ...(supports(microversion, 36)
      ? {}
      : { fixed_ips: UNLIMITED, floating_ips: UNLIMITED, security_groups: UNLIMITED, security_group_rules: UNLIMITED }),
    ...(supports(microversion, 57)
      ? {}
      : { injected_files: 0, injected_file_content_bytes: 0, injected_file_path_bytes: 0 }),
  };
}
