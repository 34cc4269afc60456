import { canBeShelved, coldMigrationDestination, unshelveDestination } from '../../../application/move-destination.ts';
import type { StateCheckedAction } from '../../../domain/instance/instance-commands.ts';
import type { PresentInstance } from '../../../domain/instance/instance-state.ts';
import { refuseInState } from '../../../domain/instance/state-check.ts';
import { VM_STATES_FOR_CHANGE } from '../../../domain/instance/vm-states-for-change.ts';
import { parameter } from '../compute-route.ts';
import { computeHostNotFound, refusalAnswer } from '../fault-messages.ts';
import { badRequest, fault, type HttpAnswer } from '../http-answer.ts';
import { refuseByPolicy } from '../policy.ts';
import { AVAILABILITY_ZONE } from '../representations/service.ts';
import { migrateSchema, unshelveSchema } from '../schemas/move-action-schemas.ts';
import { anyValueSchema } from '../schemas/server-action-schemas.ts';
import { action, answered, type ServerAction, type Target } from './server-action.ts';

const NO_HOST_FOR_COLD_MIGRATION = 'No valid host was found. No valid host found for cold migrate';

type Moving = Extract<StateCheckedAction, 'migrate' | 'shelve' | 'unshelve'>;

/** The state is judged before a host is looked for, as in Nova. */
function checked({ request, row }: Target, name: Moving): PresentInstance | HttpAnswer {
  if (row.existence !== 'present') throw new Error('an action was let through to a server that is gone');
  const { callerIsAdmin } = { callerIsAdmin: request.context.isAdmin };
  const refusal = refuseInState(row, { action: name, allowed: VM_STATES_FOR_CHANGE[name], callerIsAdmin });
  return refusal === null ? row : refusalAnswer(refusal, parameter(request, 'id'));
}

const isAnswer = (value: PresentInstance | HttpAnswer): value is HttpAnswer => 'status' in value;

const fleetOf = ({ dependencies: { views, computeHosts } }: Target) => ({ views, hosts: computeHosts });

const migrate = action(
  migrateSchema,
  () => 'os_compute_api:os-migrate-server:migrate',
  async (target, requested) => {
    const { dependencies, request, row } = target;
    const instance = checked(target, 'migrate');
    if (isAnswer(instance)) return instance;
    if (requested !== null) {
      const forbidden = refuseByPolicy(
        request.context,
        'os_compute_api:os-migrate-server:migrate:host',
        row.owner.projectId,
      );
      if (forbidden !== null) return forbidden;
      if (dependencies.views.computeServices.find(requested) === null) {
        return badRequest(computeHostNotFound(requested));
      }
      if (requested === row.host) return badRequest("The target host can't be the same one.");
    }
    const destination = coldMigrationDestination(fleetOf(target), instance, requested);
    if (destination === null) return badRequest(NO_HOST_FOR_COLD_MIGRATION);
    const { serverChanges } = dependencies.computeApi;
    return answered(request, await serverChanges.coldMigrate(request.context, row.instanceId, destination));
  },
);

const shelve = action(
  () => anyValueSchema('shelve'),
  () => 'os_compute_api:os-shelve:shelve',
  async (target) => {
    const { dependencies, request, row } = target;
    const instance = checked(target, 'shelve');
    if (isAnswer(instance)) return instance;
    if (!canBeShelved(fleetOf(target), instance)) {
      return fault(501, 'The requested functionality is not supported.');
    }
    return answered(request, await dependencies.computeApi.serverChanges.shelve(request.context, row.instanceId));
  },
);

const unshelve = action(
  unshelveSchema,
  () => 'os_compute_api:os-shelve:unshelve',
  async (target, { host, availabilityZone }) => {
    const { dependencies, request, row } = target;
    const instance = checked(target, 'unshelve');
    if (isAnswer(instance)) return instance;
    if (availabilityZone !== null && availabilityZone !== AVAILABILITY_ZONE) {
      return badRequest('The requested availability zone is not available');
    }
    if (host !== null) {
      const forbidden = refuseByPolicy(
        request.context,
        'os_compute_api:os-shelve:unshelve_to_host',
        row.owner.projectId,
      );
      if (forbidden !== null) return forbidden;
      if (dependencies.views.computeServices.find(host) === null) return badRequest(computeHostNotFound(host));
    }
    const destination = unshelveDestination(fleetOf(target), instance, host);
    const { serverChanges } = dependencies.computeApi;
    return answered(request, await serverChanges.unshelve(request.context, row.instanceId, destination));
  },
);

/** What takes a server to another host, or off every one, while it does not run. */
export const MOVE_ACTIONS: readonly (readonly [string, ServerAction])[] = [
  ['migrate', migrate],
  ['shelve', shelve],
  ['unshelve', unshelve],
];
