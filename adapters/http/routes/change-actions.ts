import type { ServerRow } from '../../../application/views/servers-view.ts';
import { newAdminPassword } from '../admin-password.ts';
import { parameter, type ComputeRequest } from '../compute-route.ts';
import { refusalAnswer } from '../fault-messages.ts';
import { acceptedWith, noContent } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { imageLink, selfLink } from '../links.ts';
import {
  CHANGE_PASSWORD_SCHEMA,
  CREATE_IMAGE_SCHEMA,
  rebuildSchema,
  RESIZE_SCHEMA,
} from '../schemas/change-action-schemas.ts';
import { anyValueSchema } from '../schemas/server-action-schemas.ts';
import { supports } from '../supports.ts';
import { changed } from './find-server.ts';
import { action, answered, powerAction, type ServerAction } from './server-action.ts';
import { updatedServer } from './update-server.ts';

const USER_DATA_SINCE = 57;
const IMAGE_ID_SINCE = 45;

/** Nova's rebuild tells the user data to its owner, and then not a second time to administrators. */
function rebuiltServer(dependencies: RouteDependencies, request: ComputeRequest, before: ServerRow): object {
  const shown = updatedServer(dependencies, request, before);
  if (!supports(request.microversion, USER_DATA_SINCE)) return shown;
  const row = dependencies.views.servers.find(before.instanceId) ?? before;
  const rest = Object.entries(shown).filter(([name]) => name !== 'OS-EXT-SRV-ATTR:user_data');
  return { ...Object.fromEntries(rest), user_data: row.userData };
}

const rebuild = action(
  rebuildSchema,
  () => 'os_compute_api:servers:rebuild',
  async ({ dependencies, request, row }, { adminPass, ...wanted }) => {
    const answer = await dependencies.computeApi.serverChanges.rebuild(request.context, row.instanceId, wanted);
    return changed(request, answer, () => {
      const server = {
        ...rebuiltServer(dependencies, request, row),
        adminPass: adminPass ?? newAdminPassword(),
      };
      return acceptedWith({ server }, selfLink(request.links, `servers/${row.instanceId}`));
    });
  },
);

const resize = action(
  () => RESIZE_SCHEMA,
  () => 'os_compute_api:servers:resize',
  async ({ dependencies: { computeApi }, request, row }, wanted) =>
    answered(request, await computeApi.serverChanges.resize(request.context, row.instanceId, wanted)),
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

/** The address of an image has been Glance's own since there were microversions; clients read the id at its end. */
const createImage = action(
  () => CREATE_IMAGE_SCHEMA,
  () => 'os_compute_api:servers:create_image',
  async ({ dependencies: { computeApi }, request, row }, wanted) => {
    const answer = await computeApi.serverChanges.createImage(request.context, row.instanceId, wanted);
    if (!answer.accepted) return refusalAnswer(answer.refusal, parameter(request, 'id'));
    if (supports(request.microversion, IMAGE_ID_SINCE)) return acceptedWith({ image_id: answer.value }, null);
    return acceptedWith(null, imageLink(request.links, answer.value));
  },
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
  ['createImage', createImage],
  ['changePassword', changePassword],
  ['forceDelete', forceDelete],
];
