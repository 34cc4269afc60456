import { z } from 'zod';
import type { LeverRequest } from '../../../application/live-migration-api.ts';
import { parameter, route, type ComputeRequest, type ComputeRoute } from '../compute-route.ts';
import { instanceNotFound, refusalAnswer } from '../fault-messages.ts';
import { accepted, badRequest, notFound, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { malformedBody, singleKeyOf } from '../json-body.ts';
import { refuseByPolicy, type PolicyRule } from '../policy.ts';
import { closedObject, notOfType } from '../schemas/json-schema-types.ts';
import { validate } from '../schemas/validate.ts';
import { presentServer } from './visible-server.ts';

/** Nova's microversions for the two: nova.md B.9 and B.10. */
const ABORT_SINCE = 24;
const FORCE_COMPLETE_SINCE = 22;

const FORCE_COMPLETE_SCHEMA = closedObject({ force_complete: z.null({ error: notOfType('null') }) });

/** Abort and force-complete of a migration that is under way. */
export function migrationLeverRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  const path = '/servers/:id/migrations/:migration_id';
  return [
    route('DELETE', path, (request) => abort(dependencies, request), { since: ABORT_SINCE }),
    route('POST', `${path}/action`, (request) => forceComplete(dependencies, request), {
      since: FORCE_COMPLETE_SINCE,
      refuseBody,
      bodySchemaAt: () => FORCE_COMPLETE_SCHEMA,
    }),
  ];
}

function refuseBody(body: unknown): HttpAnswer | null {
  const key = singleKeyOf(body);
  if (key === null) return malformedBody();
  return key === 'force_complete' ? null : badRequest(`There is no such action: ${key}`);
}

function abort(dependencies: RouteDependencies, request: ComputeRequest): Promise<HttpAnswer> {
  return pull(dependencies, request, 'os_compute_api:servers:migrations:delete', (lever) =>
    dependencies.computeApi.liveMigrations.abort(request.context, lever),
  );
}

async function forceComplete(dependencies: RouteDependencies, request: ComputeRequest): Promise<HttpAnswer> {
  const validated = validate(FORCE_COMPLETE_SCHEMA, request.body);
  if (!validated.valid) return badRequest(validated.message);
  return pull(dependencies, request, 'os_compute_api:servers:migrations:force_complete', (lever) =>
    dependencies.computeApi.liveMigrations.forceComplete(request.context, lever),
  );
}

type Pulled = ReturnType<RouteDependencies['computeApi']['liveMigrations']['abort']>;

async function pull(
  { views }: RouteDependencies,
  request: ComputeRequest,
  rule: PolicyRule,
  ask: (lever: LeverRequest) => Pulled,
): Promise<HttpAnswer> {
  const givenId = parameter(request, 'id');
  const server = presentServer(views, request.context, givenId);
  if (server === null) return notFound(instanceNotFound(givenId));
  const forbidden = refuseByPolicy(request.context, rule, server.owner.projectId);
  if (forbidden !== null) return forbidden;
  const { instanceId } = server;
  const { microversion } = request;
  const answer = await ask({ instanceId, migration: parameter(request, 'migration_id'), microversion });
  return answer.accepted ? accepted() : refusalAnswer(answer.refusal, givenId);
}
