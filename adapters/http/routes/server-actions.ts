import type { z } from 'zod';
import type { Answer } from '../../../application/compute-api.ts';
import type { ServerRow } from '../../../application/views/servers-view.ts';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import type { PowerAction } from '../../../domain/instance/instance-events.ts';
import { newAdminPassword } from '../admin-password.ts';
import { parameter, route, type ComputeRequest, type ComputeRoute } from '../compute-route.ts';
import { instanceNotFound, refusalAnswer } from '../fault-messages.ts';
import { accepted, badRequest, notFound, ok, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { malformedBody, singleKeyOf } from '../json-body.ts';
import { refuseByPolicy, type PolicyRule } from '../policy.ts';
import { liveMigrateSchema } from '../schemas/live-migrate-schema.ts';
import {
  anyValueSchema,
  lockSchema,
  REBOOT_SCHEMA,
  RESCUE_SCHEMA,
  RESET_STATE_SCHEMA,
} from '../schemas/server-action-schemas.ts';
import { validate } from '../schemas/validate.ts';
import { lockServer, unlockServer } from './lock-server.ts';
import { presentServer } from './visible-server.ts';

/** Checks a body and answers it; the steps of every action in Nova's order: schema, server, policy, state. */
type ServerAction = (dependencies: RouteDependencies, request: ComputeRequest) => Promise<HttpAnswer>;

type Target = { readonly dependencies: RouteDependencies; readonly request: ComputeRequest; readonly row: ServerRow };

function action<Body>(
  schemaAt: (microversion: Microversion) => z.ZodType<Body>,
  ruleFor: (body: Body) => PolicyRule,
  run: (target: Target, body: Body) => Promise<HttpAnswer>,
): ServerAction {
  return async (dependencies, request) => {
    const validated = validate(schemaAt(request.microversion), request.body);
    if (!validated.valid) return badRequest(validated.message);
    const givenId = parameter(request, 'id');
    const row = presentServer(dependencies.views, request.context, givenId);
    if (row === null) return notFound(instanceNotFound(givenId));
    const forbidden = refuseByPolicy(request.context, ruleFor(validated.value), row.owner.projectId);
    return forbidden ?? run({ dependencies, request, row }, validated.value);
  };
}

const answered = (request: ComputeRequest, answer: Answer<null>, otherwise: HttpAnswer = accepted()): HttpAnswer =>
  answer.accepted ? otherwise : refusalAnswer(answer.refusal, parameter(request, 'id'));

const powerAction = (name: string, power: PowerAction, rule: PolicyRule): ServerAction =>
  action(
    () => anyValueSchema(name),
    () => rule,
    async ({ dependencies: { computeApi }, request, row }) =>
      answered(request, await computeApi.runPowerAction(request.context, row.instanceId, power, null)),
  );

const liveMigrate = action(
  liveMigrateSchema,
  ({ requestedHost }) =>
    requestedHost === null
      ? 'os_compute_api:os-migrate-server:migrate_live'
      : 'os_compute_api:os-migrate-server:migrate_live:host',
  async ({ dependencies: { computeApi }, request, row }, body) => {
    const wanted = { microversion: request.microversion, ...body };
    return answered(request, await computeApi.liveMigrate(request.context, row.instanceId, wanted));
  },
);

const rescue = action(
  () => RESCUE_SCHEMA,
  () => 'os_compute_api:os-rescue',
  async ({ dependencies: { computeApi }, request, row }, { adminPass, rescueImageId }) => {
    const answer = await computeApi.rescue(request.context, row.instanceId, rescueImageId);
    // 200 although it has only begun: Nova's, and what clients expect (nova.md C.1).
    return answered(request, answer, ok({ adminPass: adminPass ?? newAdminPassword() }));
  },
);

const unrescue = action(
  () => anyValueSchema('unrescue'),
  () => 'os_compute_api:os-unrescue',
  async ({ dependencies: { computeApi }, request, row }) =>
    answered(request, await computeApi.unrescue(request.context, row.instanceId)),
);

const reboot = action(
  () => REBOOT_SCHEMA,
  () => 'os_compute_api:servers:reboot',
  async ({ dependencies: { computeApi }, request, row }, type) =>
    answered(request, await computeApi.runPowerAction(request.context, row.instanceId, 'reboot', type)),
);

const lock = action(
  lockSchema,
  () => 'os_compute_api:os-lock-server:lock',
  async ({ dependencies, request, row }, reason) =>
    answered(request, await lockServer(dependencies, request.context, row, reason)),
);

const unlock = action(
  () => anyValueSchema('unlock'),
  () => 'os_compute_api:os-lock-server:unlock',
  async ({ dependencies, request, row }) => {
    const answer = await unlockServer(dependencies, request.context, row);
    return 'forbidden' in answer ? answer.forbidden : answered(request, answer);
  },
);

const resetState = action(
  () => RESET_STATE_SCHEMA,
  () => 'os_compute_api:os-admin-actions:reset_state',
  async ({ dependencies: { computeApi }, request, row }, vmState) =>
    answered(request, await computeApi.resetState(request.context, row.instanceId, vmState)),
);

/** A Map, since the key comes from the client and no object's own words may be found by it. */
const ACTIONS: ReadonlyMap<string, ServerAction> = new Map([
  ['rescue', rescue],
  ['unrescue', unrescue],
  ['os-migrateLive', liveMigrate],
  ['os-start', powerAction('os-start', 'start', 'os_compute_api:servers:start')],
  ['os-stop', powerAction('os-stop', 'stop', 'os_compute_api:servers:stop')],
  ['pause', powerAction('pause', 'pause', 'os_compute_api:os-pause-server:pause')],
  ['unpause', powerAction('unpause', 'unpause', 'os_compute_api:os-pause-server:unpause')],
  ['reboot', reboot],
  ['lock', lock],
  ['unlock', unlock],
  ['os-resetState', resetState],
]);

/** nova.md B.2 rows 3 and 4. */
function refuseBody(body: unknown): HttpAnswer | null {
  const key = singleKeyOf(body);
  if (key === null) return malformedBody();
  return ACTIONS.has(key) ? null : badRequest(`There is no such action: ${key}`);
}

/** `POST /servers/{id}/action`. */
export function serverActionRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  const handle = async (request: ComputeRequest): Promise<HttpAnswer> => {
    const chosen = ACTIONS.get(singleKeyOf(request.body) ?? '');
    return chosen === undefined ? malformedBody() : chosen(dependencies, request);
  };
  return [route('POST', '/servers/:id/action', handle, { refuseBody })];
}
