import type { z } from 'zod';
import type { Answer } from '../../../application/compute-api-answer.ts';
import type { ServerRow } from '../../../application/views/servers-view.ts';
import type { PowerAction } from '../../../domain/instance/instance-events.ts';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import { parameter, type ComputeRequest } from '../compute-route.ts';
import { instanceNotFound, refusalAnswer } from '../fault-messages.ts';
import { accepted, badRequest, notFound, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { refuseByPolicy, type PolicyRule } from '../policy.ts';
import { anyValueSchema } from '../schemas/server-action-schemas.ts';
import { validate } from '../schemas/validate.ts';
import { presentServer } from './visible-server.ts';

/** Checks a body and answers it; the steps of every action in Nova's order: schema, server, policy, state. */
export type ServerAction = {
  readonly answer: (dependencies: RouteDependencies, request: ComputeRequest) => Promise<HttpAnswer>;
  readonly bodySchemaAt: (microversion: Microversion) => z.ZodType;
  /** First minor microversion that has it. */
  readonly since: number;
};

export type Target = {
  readonly dependencies: RouteDependencies;
  readonly request: ComputeRequest;
  readonly row: ServerRow;
};

/** An action of `POST /servers/{id}/action`; `run` is only asked for a server that the caller may change. */
export function action<Body>(
  schemaAt: (microversion: Microversion) => z.ZodType<Body>,
  ruleFor: (body: Body) => PolicyRule,
  run: (target: Target, body: Body) => Promise<HttpAnswer>,
): ServerAction {
  const answer: ServerAction['answer'] = async (dependencies, request) => {
    const validated = validate(schemaAt(request.microversion), request.body);
    if (!validated.valid) return badRequest(validated.message);
    const givenId = parameter(request, 'id');
    const row = presentServer(dependencies.views, request.context, givenId);
    if (row === null) return notFound(instanceNotFound(givenId));
    const forbidden = refuseByPolicy(request.context, ruleFor(validated.value), row.owner.projectId);
    return forbidden ?? run({ dependencies, request, row }, validated.value);
  };
  return { answer, bodySchemaAt: schemaAt, since: 1 };
}

/** 202 without a body unless `otherwise` says something else, or the refusal. */
export const answered = (
  request: ComputeRequest,
  answer: Answer<null>,
  otherwise: HttpAnswer = accepted(),
): HttpAnswer => (answer.accepted ? otherwise : refusalAnswer(answer.refusal, parameter(request, 'id')));

/** An action without a value that the guest's hypervisor carries out. */
export const powerAction = (name: string, power: PowerAction, rule: PolicyRule): ServerAction =>
  action(
    () => anyValueSchema(name),
    () => rule,
    async ({ dependencies: { computeApi }, request, row }) =>
      answered(request, await computeApi.runPowerAction(request.context, row.instanceId, power, null)),
  );
