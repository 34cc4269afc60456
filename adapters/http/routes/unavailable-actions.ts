import type { z } from 'zod';
import type { UnavailableAction } from '../../../domain/instance/instance-commands.ts';
import { refuseInState } from '../../../domain/instance/state-check.ts';
import type { VmState } from '../../../domain/instance/vm-state.ts';
import { isUp } from '../../../domain/service-version/compute-service-state.ts';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import { parameter } from '../compute-route.ts';
import { refusalAnswer } from '../fault-messages.ts';
import { badRequest, fault, notAtThisMicroversion, notFound, type HttpAnswer } from '../http-answer.ts';
import type { PolicyRule } from '../policy.ts';
import { anyValueSchema } from '../schemas/server-action-schemas.ts';
import {
  CONSOLE_OUTPUT_SCHEMA,
  CREATE_BACKUP_SCHEMA,
  evacuateSchema,
  securityGroupSchema,
} from '../schemas/unavailable-action-schemas.ts';
import { supports } from '../supports.ts';
import { action, type ServerAction, type Target } from './server-action.ts';

/** Nova's answer when a driver cannot do what is asked (`raise_feature_not_supported`). */
const notSupported = (): HttpAnswer => fault(501, 'The requested functionality is not supported.');

type Unavailable = {
  readonly schema: (microversion: Microversion) => z.ZodType;
  readonly rule: PolicyRule;
  readonly allowed: readonly VmState[];
  readonly otherwise: (target: Target) => HttpAnswer;
};

/**
 * What Nova has and no driver here does. Everything that Nova looks at first is looked at first here too, so that a
 * server in the wrong state, or nobody's, is told as such; only then comes the refusal.
 */
function unavailable(name: UnavailableAction, { schema, rule, allowed, otherwise }: Unavailable): ServerAction {
  return action(
    schema,
    () => rule,
    async (target) => {
      const { request, row } = target;
      if (row.existence !== 'present') throw new Error('an action was let through to a server that is gone');
      const refusal = refuseInState(row, { action: name, allowed, callerIsAdmin: request.context.isAdmin });
      return refusal === null ? otherwise(target) : refusalAnswer(refusal, parameter(request, 'id'));
    },
  );
}

const ON_OR_OFF: readonly VmState[] = ['active', 'stopped', 'paused', 'suspended'];

/** Evacuation takes the servers of a host that is gone: while it is there Nova refuses, and afterwards nobody takes them. */
function refuseEvacuation({ dependencies: { views }, row }: Target): HttpAnswer {
  const service = row.host === null ? null : views.computeServices.find(row.host);
  return service !== null && isUp(service)
    ? badRequest(`Compute service of ${service.host} is still in use.`)
    : badRequest('No valid host was found. There are not enough hosts available.');
}

/** Servers here have no security groups, so none can be put on and none taken off. */
const securityGroup = (name: 'addSecurityGroup' | 'removeSecurityGroup', rule: PolicyRule): ServerAction =>
  action(
    () => securityGroupSchema(name),
    () => rule,
    async (_target, group) => notFound(`Security group ${group} not found.`),
  );

/** An action that Nova knows from 2.`since` on; before, it is not there at all. */
const from = (since: number, { answer, bodySchemaAt }: ServerAction): ServerAction => ({
  answer: async (dependencies, request) =>
    supports(request.microversion, since) ? answer(dependencies, request) : notAtThisMicroversion(),
  bodySchemaAt,
  since,
});

export const UNAVAILABLE_ACTIONS: readonly (readonly [string, ServerAction])[] = [
  [
    'createBackup',
    unavailable('createBackup', {
      schema: () => CREATE_BACKUP_SCHEMA,
      rule: 'os_compute_api:os-create-backup',
      allowed: ON_OR_OFF,
      otherwise: notSupported,
    }),
  ],
  [
    'evacuate',
    unavailable('evacuate', {
      schema: evacuateSchema,
      rule: 'os_compute_api:os-evacuate',
      allowed: ['active', 'stopped', 'error'],
      otherwise: refuseEvacuation,
    }),
  ],
  // A shelved server is on no host at once, and none is kept after its deletion: the state is always the wrong one.
  [
    'shelveOffload',
    unavailable('shelveOffload', {
      schema: () => anyValueSchema('shelveOffload'),
      rule: 'os_compute_api:os-shelve:shelve_offload',
      allowed: [],
      otherwise: notSupported,
    }),
  ],
  [
    'restore',
    unavailable('restore', {
      schema: () => anyValueSchema('restore'),
      rule: 'os_compute_api:os-deferred-delete:restore',
      allowed: [],
      otherwise: notSupported,
    }),
  ],
  [
    'trigger_crash_dump',
    from(
      17,
      unavailable('trigger_crash_dump', {
        schema: () => anyValueSchema('trigger_crash_dump'),
        rule: 'os_compute_api:servers:trigger_crash_dump',
        allowed: ['active', 'paused', 'rescued', 'resized', 'error'],
        otherwise: notSupported,
      }),
    ),
  ],
  [
    'os-getConsoleOutput',
    action(
      () => CONSOLE_OUTPUT_SCHEMA,
      () => 'os_compute_api:os-console-output',
      async () => notSupported(),
    ),
  ],
  ['addSecurityGroup', securityGroup('addSecurityGroup', 'os_compute_api:os-security-groups:add')],
  ['removeSecurityGroup', securityGroup('removeSecurityGroup', 'os_compute_api:os-security-groups:remove')],
];
