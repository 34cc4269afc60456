import { newAdminPassword } from '../admin-password.ts';
import { acceptedWith, noContent } from '../http-answer.ts';
import { selfLink } from '../links.ts';
import { CHANGE_PASSWORD_SCHEMA, rebuildSchema, RESIZE_SCHEMA } from '../schemas/change-action-schemas.ts';
import { anyValueSchema } from '../schemas/server-action-schemas.ts';
import { changed } from './find-server.ts';
import { action, answered, powerAction, type ServerAction } from './server-action.ts';
import { updatedServer } from './update-server.ts';

const rebuild = action(
  rebuildSchema,
  () => 'os_compute_api:servers:rebuild',
  async ({ dependencies, request, row }, { adminPass, ...wanted }) => {
    const answer = await dependencies.computeApi.serverChanges.rebuild(request.context, row.instanceId, wanted);
    return changed(request, answer, () => {
      const server = { ...updatedServer(dependencies, request, row), adminPass: adminPass ?? newAdminPassword() };
      return acceptedWith({ server }, selfLink(request.links, `servers/${row.instanceId}`));
    });
  },
);

const resize = action(
  () => RESIZE_SCHEMA,
  () => 'os_compute_api:servers:resize',
  async ({ dependencies: { computeApi }, request, row }, flavorId) =>
    answered(request, await computeApi.serverChanges.resize(request.context, row.instanceId, flavorId)),
);

const confirmResize = action(
  () => anyValueSchema('confirmResize'),
  () => 'os_compute_api:servers:confirm_resize',
  async ({ dependencies: { computeApi }, request, row }) =>
    answered(request, await computeApi.serverChanges.confirmResize(request.context, row.instanceId), noContent()),
);

const revertResize = action(
  () => anyValueSchema('revertResize'),
  () => 'os_compute_api:servers:revert_resize',
  async ({ dependencies: { computeApi }, request, row }) =>
    answered(request, await computeApi.serverChanges.revertResize(request.context, row.instanceId)),
);

const changePassword = action(
  () => CHANGE_PASSWORD_SCHEMA,
  () => 'os_compute_api:os-admin-password',
  async ({ dependencies: { computeApi }, request, row }) =>
    answered(request, await computeApi.serverChanges.changeAdminPassword(request.context, row.instanceId)),
);

/** Nova's immediate delete: nothing is kept for a while here, so it is the same as a delete. */
const forceDelete = action(
  () => anyValueSchema('forceDelete'),
  () => 'os_compute_api:os-deferred-delete:force',
  async ({ dependencies: { computeApi }, request, row }) =>
    answered(request, await computeApi.deleteServer(request.context, row.instanceId)),
);

/** What owners do with a server beside rescuing, migrating and locking it. */
export const CHANGE_ACTIONS: readonly (readonly [string, ServerAction])[] = [
  ['suspend', powerAction('suspend', 'suspend', 'os_compute_api:os-suspend-server:suspend')],
  ['resume', powerAction('resume', 'resume', 'os_compute_api:os-suspend-server:resume')],
  ['rebuild', rebuild],
  ['resize', resize],
  ['confirmResize', confirmResize],
  ['revertResize', revertResize],
  ['changePassword', changePassword],
  ['forceDelete', forceDelete],
];
