import type { ComputeApi } from '../../../application/compute-api.ts';
import { hostName } from '../../../domain/shared/ids.ts';
import { parameter, type ComputeRequest } from '../compute-route.ts';
import { badRequest, notFound, ok, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { refuseByPolicy } from '../policy.ts';
import { COMPUTE_BINARY } from '../representations/service.ts';
import { serviceByHostSchema, type ServiceByHost } from '../schemas/service-schemas.ts';
import { validate } from '../schemas/validate.ts';
import { supports } from '../supports.ts';

type Command = Parameters<ComputeApi['changeComputeService']>[2];
type Update =
  | { readonly answer: 'update'; readonly command: Command; readonly told: object }
  | { readonly answer: 'refused'; readonly with: HttpAnswer };

/** `PUT /os-services/{enable|disable|disable-log-reason|force-down}` until 2.52 (nova.md E.4). */
export async function updateServiceByHost(
  { computeApi }: RouteDependencies,
  request: ComputeRequest,
): Promise<HttpAnswer> {
  const validated = validate(serviceByHostSchema(request.microversion), request.body);
  if (!validated.valid) return badRequest(validated.message);
  const forbidden = refuseByPolicy(request.context, 'os_compute_api:os-services:update');
  if (forbidden !== null) return forbidden;
  const { host, binary } = validated.value;
  const update = updateOf(parameter(request, 'id'), validated.value, supports(request.microversion, 11));
  if (update.answer === 'refused') return update.with;
  if (binary !== COMPUTE_BINARY) {
    return badRequest(`Updating a ${binary} service is not supported. Only nova-compute services can be updated.`);
  }
  const answer = await computeApi.changeComputeService(request.context, hostName(host), update.command);
  // The command has one refusal, and Nova's sentence for it is not the one of the form with ids.
  return answer.accepted
    ? ok({ service: { host, binary, ...update.told } })
    : notFound(`Host '${host}' is not mapped to any cell`);
}

function updateOf(action: string, { disabledReason, forcedDown }: ServiceByHost, mayForceDown: boolean): Update {
  if (action === 'enable') {
    return { answer: 'update', command: { type: 'EnableComputeService' }, told: { status: 'enabled' } };
  }
  if (action === 'disable') {
    const command: Command = { type: 'DisableComputeService', disabledReason: null };
    return { answer: 'update', command, told: { status: 'disabled' } };
  }
  if (action === 'disable-log-reason') {
    if (disabledReason === null) return { answer: 'refused', with: badRequest('Missing disabled reason field') };
    const command: Command = { type: 'DisableComputeService', disabledReason };
    return { answer: 'update', command, told: { status: 'disabled', disabled_reason: disabledReason } };
  }
  if (action === 'force-down' && mayForceDown) {
    if (forcedDown === null) return { answer: 'refused', with: badRequest('Missing forced_down field') };
    return { answer: 'update', command: { type: 'ForceDown', forcedDown }, told: { forced_down: forcedDown } };
  }
  return { answer: 'refused', with: notFound('Unknown action') };
}
