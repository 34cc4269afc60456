import type { ClientLogin } from './client-login.ts';
import type { ClientStep } from './client-step.ts';
import { LEVER_STEPS, RESCUED_LEVER_STEPS } from './lever-steps.ts';
import { NOVA_STEPS } from './nova-steps.ts';
import { LOGGED_IN_STEPS, OPENSTACK_STEPS } from './openstack-steps.ts';
import { rescuedMigrationSteps } from './rescued-migrations.ts';
import { SERVER_ACTION_STEPS } from './server-action-steps.ts';

type ChainPart = {
  readonly login: ClientLogin['name'];
  /** Whether the plug-in of adapters/openstackclient is installed beside Debian's clients. */
  readonly withPlugin: boolean;
  readonly steps: readonly ClientStep[];
};

/** Steps that need one another, against a server of their own; chains need nothing of each other. */
export type ClientChain = {
  readonly name: string;
  readonly hasIdentityService: boolean;
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly parts: readonly ChainPart[];
};

/** So long that each lever is pulled well before a migration ends by itself. */
const LONG_MIGRATION_SECONDS = 40;

const stock = (login: ClientLogin['name'], steps: readonly ClientStep[]): ChainPart => ({
  login,
  withPlugin: false,
  steps,
});
const pluggedIn = (login: ClientLogin['name'], steps: readonly ClientStep[]): ChainPart => ({
  login,
  withPlugin: true,
  steps,
});
const withIdentity = (name: string, parts: readonly ChainPart[], configuration = {}): ClientChain => ({
  name,
  hasIdentityService: true,
  configuration,
  parts,
});
const pluginSteps = rescuedMigrationSteps({ scripts: false });

/** The longest first, so that no processor waits for the last one. */
export const CLIENT_CHAINS: readonly ClientChain[] = [
  withIdentity('admin_token', [stock('admin_token', OPENSTACK_STEPS), pluggedIn('admin_token', pluginSteps)]),
  {
    ...withIdentity('none', [stock('none', OPENSTACK_STEPS), pluggedIn('none', pluginSteps)]),
    hasIdentityService: false,
  },
  withIdentity('levers', [stock('password', LEVER_STEPS), pluggedIn('password', RESCUED_LEVER_STEPS)], {
    simulatedMigrationSeconds: LONG_MIGRATION_SECONDS,
  }),
  withIdentity('others', [
    stock('password', NOVA_STEPS),
    stock('v3password', LOGGED_IN_STEPS),
    stock('v3token', LOGGED_IN_STEPS),
  ]),
  withIdentity('password', [stock('password', OPENSTACK_STEPS)]),
  withIdentity('rescued', [pluggedIn('password', rescuedMigrationSteps({ scripts: true }))]),
  withIdentity('actions', [stock('password', SERVER_ACTION_STEPS)]),
];

/** How many commands it runs. */
export const stepsOf = ({ parts }: ClientChain): number => parts.reduce((sum, { steps }) => sum + steps.length, 0);
