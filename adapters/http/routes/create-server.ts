import type { ComputeRequest } from '../compute-route.ts';
import type { CreateServer } from '../../../application/create-servers.ts';
import { NO_DETAILS } from '../../../domain/instance/instance-details.ts';
import { hostName, serverGroupId, type HostName } from '../../../domain/shared/ids.ts';
import { newAdminPassword } from '../admin-password.ts';
import { computeHostNotFound, refusalAnswer } from '../fault-messages.ts';
import { acceptedWith, badRequest, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { networksFor } from '../networks-for.ts';
import { selfAndBookmark, selfLink } from '../links.ts';
import { refuseByPolicy } from '../policy.ts';
import { hypervisorHostnameOf } from '../representations/hypervisor.ts';
import { AVAILABILITY_ZONE } from '../representations/service.ts';
import { validateCreateServer, type CreateServerBody } from '../schemas/create-server-schema.ts';

/** Each is a stream of its own, written one after the other within one request. */
const SERVERS_AT_ONCE_MAX = 100;

/** `POST /servers`. */
export async function createServer(dependencies: RouteDependencies, request: ComputeRequest): Promise<HttpAnswer> {
  const { context, links } = request;
  const validated = validateCreateServer(request.microversion, request.body);
  if (!validated.valid) return badRequest(validated.message);
  const body = validated.value;
  const networks = networksFor(body.networks, dependencies.networks);
  const refused =
    refuseByPolicy(context, 'os_compute_api:servers:create') ??
    refuseUnavailable(body) ??
    (networks.answer === 'refused' ? networks.with : null);
  if (refused !== null) return refused;
  if (body.imageId === null) return badRequest('Missing imageRef attribute');
  const placement = placementOf(dependencies, request, body);
  if (placement.answer === 'refused') return placement.with;
  const { name, imageId, flavorId, metadata } = body;
  const { requestedHost } = placement;
  const networkIds = networks.answer === 'given' ? networks.networkIds : [];
  const wanted = { name, imageId, flavorId, requestedHost, metadata, networkIds, ...extrasOf(body) };
  const answer = await dependencies.computeApi.createServer(context, wanted);
  if (!answer.accepted) return refusalAnswer(answer.refusal, '');
  if (body.returnReservationId) return acceptedWith({ reservation_id: answer.value.reservationId }, null);
  const path = `servers/${answer.value.instanceId}`;
  const server = {
    id: answer.value.instanceId,
    links: selfAndBookmark(links, path),
    'OS-DCF:diskConfig': body.details.diskConfig,
    security_groups: [{ name: 'default' }],
    adminPass: body.adminPass ?? newAdminPassword(),
  };
  return acceptedWith({ server }, selfLink(links, path));
}

/** Better refused than silently left out: the client would believe it has what it asked for. */
function refuseUnavailable(body: CreateServerBody): HttpAnswer | null {
  if (body.name === '') return badRequest(`Invalid input for field/attribute name. Value: . '' is too short`);
  const [property] = body.unavailable;
  if (property !== undefined) return badRequest(`'${property}' is not available in this release.`);
  const { minimumCount, maximumCount } = body;
  if (minimumCount !== null && maximumCount !== null && minimumCount > maximumCount) {
    return badRequest('min_count must be <= max_count');
  }
  return countOf(body) <= SERVERS_AT_ONCE_MAX
    ? null
    : badRequest(`At most ${SERVERS_AT_ONCE_MAX} servers can be created at once.`);
}

const countOf = ({ minimumCount, maximumCount }: CreateServerBody): number => maximumCount ?? minimumCount ?? 1;

/** What most servers are created without is left out, so that nothing is recorded of it. */
function extrasOf(body: CreateServerBody): Partial<CreateServer> {
  const { keyName, schedulerHints, tags, details, availabilityZone, configDrive, userData } = body;
  const group = schedulerHints['group'];
  const zone = availabilityZone.split(':')[0] ?? '';
  const options = {
    keyName,
    serverGroupId: typeof group === 'string' ? serverGroupId(group) : null,
    schedulerHints,
    availabilityZone: zone === '' ? null : zone,
    ...(configDrive ? { configDrive } : {}),
  };
  const special =
    configDrive || keyName !== null || options.availabilityZone !== null || Object.keys(schedulerHints).length > 0;
  return {
    ...(special ? { options } : {}),
    ...(JSON.stringify(details) === JSON.stringify(NO_DETAILS) ? {} : { details }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(userData === null ? {} : { userData }),
    ...(countOf(body) === 1 ? {} : { count: countOf(body) }),
  };
}

type Placement =
  | { readonly answer: 'placed'; readonly requestedHost: HostName | null }
  | { readonly answer: 'refused'; readonly with: HttpAnswer };

/** `availability_zone: "nova:host"` (any microversion) or `host` and `hypervisor_hostname` (2.74): administrators only. */
function placementOf(
  { views, computeHosts }: RouteDependencies,
  { context }: ComputeRequest,
  body: CreateServerBody,
): Placement {
  const [zone = '', forcedHost = '', forcedNode = ''] = body.availabilityZone.split(':');
  if (zone !== '' && zone !== AVAILABILITY_ZONE) return refusedWith('The requested availability zone is not available');
  const wantedHost = forcedHost === '' ? body.host : hostName(forcedHost);
  const wantedNode = forcedNode === '' ? body.hypervisorHostname : forcedNode;
  if (wantedHost === null && wantedNode === null) return { answer: 'placed', requestedHost: null };
  const rule = forcedHost === '' ? 'requested_destination' : 'forced_host';
  const forbidden = refuseByPolicy(context, `os_compute_api:servers:create:${rule}`);
  if (forbidden !== null) return { answer: 'refused', with: forbidden };
  const nodeOf = (host: HostName): string => hypervisorHostnameOf(host, computeHosts.facts(host));
  const found = views.computeServices
    .all()
    .find(({ host }) => (wantedHost ?? host) === host && (wantedNode ?? nodeOf(host)) === nodeOf(host));
  return found === undefined
    ? refusedWith(computeHostNotFound(wantedHost ?? wantedNode ?? ''))
    : { answer: 'placed', requestedHost: found.host };
}

const refusedWith = (message: string): Placement => ({ answer: 'refused', with: badRequest(message) });
