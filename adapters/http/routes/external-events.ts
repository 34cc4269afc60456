import { instanceId } from '../../../domain/shared/ids.ts';
import { route, type ComputeRequest, type ComputeRoute } from '../compute-route.ts';
import { badRequest, ok, plain, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { refuseByPolicy } from '../policy.ts';
import { externalEventsSchema, type ExternalEvent } from '../schemas/external-events-schema.ts';
import { validate } from '../schemas/validate.ts';

/** `POST /os-server-external-events`: what other services tell of servers. Nothing here waits for any of it. */
export function externalEventRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  return [
    route('POST', '/os-server-external-events', (request) => hear(dependencies, request), {
      bodySchemaAt: externalEventsSchema,
    }),
  ];
}

function hear({ views }: RouteDependencies, request: ComputeRequest): HttpAnswer {
  const validated = validate(externalEventsSchema(request.microversion), request.body);
  if (!validated.valid) return badRequest(validated.message);
  const forbidden = refuseByPolicy(request.context, 'os_compute_api:os-server-external-events:create');
  if (forbidden !== null) return forbidden;
  const heard = validated.value.map((event) => ({ ...event, ...fateOf(views, event) }));
  return heard.every(({ code }) => code === 200) ? ok({ events: heard }) : plain(207, { events: heard });
}

/** 404: no such server; 422: it is on no host that could be told. */
function fateOf(
  { servers }: RouteDependencies['views'],
  { server_uuid: id, status }: ExternalEvent,
): { readonly code: number; readonly status: string } {
  const row = servers.find(instanceId(id));
  if (row?.existence !== 'present') return { code: 404, status: 'failed' };
  return row.host === null ? { code: 422, status: 'failed' } : { code: 200, status };
}
