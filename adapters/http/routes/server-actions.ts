import { newAdminPassword } from '../admin-password.ts';
import { route, type ComputeRequest, type ComputeRoute } from '../compute-route.ts';
import { badRequest, ok, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { malformedBody, singleKeyOf } from '../json-body.ts';
import { liveMigrateSchema } from '../schemas/live-migrate-schema.ts';
import {
  anyValueSchema,
  lockSchema,
  REBOOT_SCHEMA,
  RESCUE_SCHEMA,
  RESET_STATE_SCHEMA,
} from '../schemas/server-action-schemas.ts';
import { CHANGE_ACTIONS } from './change-actions.ts';
import { lockServer, unlockServer } from './lock-server.ts';
import { MOVE_ACTIONS } from './move-actions.ts';
import { action, answered, powerAction, type ServerAction } from './server-action.ts';
import { UNAVAILABLE_ACTIONS } from './unavailable-actions.ts';

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
const ACTIONS: ReadonlyMap<string, ServerAction> = new Map<string, ServerAction>([
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
  ...CHANGE_ACTIONS,
  ...MOVE_ACTIONS,
  ...UNAVAILABLE_ACTIONS,
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
    return chosen === undefined ? malformedBody() : chosen.answer(dependencies, request);
  };
  return [route('POST', '/servers/:id/action', handle, { refuseBody, actions: ACTIONS })];
}
