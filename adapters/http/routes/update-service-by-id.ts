import { hostName } from '../../../domain/shared/ids.ts';
import { parameter, type ComputeRequest } from '../compute-route.ts';
import { refusalAnswer } from '../fault-messages.ts';
import { badRequest, notFound, ok, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { refuseByPolicy } from '../policy.ts';
import { computeService } from '../representations/service.ts';
import { UUID } from '../schemas/json-schema-types.ts';
import { SERVICE_BY_ID_SCHEMA, type ServiceById } from '../schemas/service-schemas.ts';
import { validate } from '../schemas/validate.ts';

/** `PUT /os-services/{uuid}` since 2.53: any of status, reason and forced_down at once (nova.md E.4). */
export async function updateServiceById(dependencies: RouteDependencies, request: ComputeRequest): Promise<HttpAnswer> {
  const { views, clock, computeApi } = dependencies;
  const validated = validate(SERVICE_BY_ID_SCHEMA, request.body);
  if (!validated.valid) return badRequest(validated.message);
  const forbidden = refuseByPolicy(request.context, 'os_compute_api:os-services:update');
  if (forbidden !== null) return forbidden;
  const givenId = parameter(request, 'id');
  if (!UUID.test(givenId)) return badRequest(`Invalid uuid ${givenId}`);
  const service = views.computeServices.all().find(({ serviceId }) => serviceId === givenId.toLowerCase());
  if (service === undefined) return notFound(`Service ${givenId} could not be found.`);
  const wrong = refuseUpdate(validated.value);
  if (wrong !== null) return wrong;
  for (const command of commandsOf(validated.value)) {
    const answer = await computeApi.changeComputeService(request.context, service.host, command);
    if (!answer.accepted) return refusalAnswer(answer.refusal, givenId);
  }
  const updated = views.computeServices.find(hostName(service.host));
  if (updated === null) return notFound(`Service ${givenId} could not be found.`);
  return ok({ service: computeService(updated, request.microversion, clock.now()) });
}

function refuseUpdate({ status, disabledReason, forcedDown }: ServiceById): HttpAnswer | null {
  if (status === null && forcedDown === null) {
    return badRequest(`No updates were requested. Fields 'status' or 'forced_down' should be specified.`);
  }
  return status === 'enabled' && disabledReason !== null
    ? badRequest(`Specifying 'disabled_reason' with status 'enabled' is invalid.`)
    : null;
}

function commandsOf({ status, disabledReason, forcedDown }: ServiceById) {
  return [
    ...(status === 'enabled' ? [{ type: 'EnableComputeService' } as const] : []),
    ...(status === 'disabled' ? [{ type: 'DisableComputeService', disabledReason } as const] : []),
    ...(forcedDown === null ? [] : [{ type: 'ForceDown', forcedDown } as const]),
  ];
}
