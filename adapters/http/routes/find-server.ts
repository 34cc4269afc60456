import type { Answer } from '../../../application/compute-api-answer.ts';
import type { ServerRow } from '../../../application/views/servers-view.ts';
import { parameter, type ComputeRequest } from '../compute-route.ts';
import { instanceNotFound, refusalAnswer } from '../fault-messages.ts';
import { notFound, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { refuseByPolicy, type PolicyRule } from '../policy.ts';
import { presentServer } from './visible-server.ts';

/** Answers for the server that the path names, in Nova's order: 404 for a stranger's, then the policy. */
export function forServer(
  { views }: Pick<RouteDependencies, 'views'>,
  request: ComputeRequest,
  rule: PolicyRule,
  answer: (row: ServerRow) => HttpAnswer | Promise<HttpAnswer>,
): HttpAnswer | Promise<HttpAnswer> {
  const givenId = parameter(request, 'id');
  const row = presentServer(views, request.context, givenId);
  if (row === null) return notFound(instanceNotFound(givenId));
  return refuseByPolicy(request.context, rule, row.owner.projectId) ?? answer(row);
}

/** `otherwise` once the change is recorded. */
export function changed(request: ComputeRequest, answer: Answer<unknown>, otherwise: () => HttpAnswer): HttpAnswer {
  return answer.accepted ? otherwise() : refusalAnswer(answer.refusal, parameter(request, 'id'));
}
