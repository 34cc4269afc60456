import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { requireCommand } from '../lab/run-command.ts';
import type { ClientLogin } from './client-login.ts';
import { step, type ClientStep } from './client-step.ts';
import { runClientSteps, type ClientRun, type ClientVerdict } from './run-client-steps.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const PLUGIN = fileURLToPath(new URL('../../adapters/openstackclient', import.meta.url));
const INSTALL_DEADLINE_MS = 300_000;

/** Installs the plugin with pip beside Debian's client; what is returned is its place for `PYTHONPATH`. */
export async function installPlugin(directory: string): Promise<string> {
  // Of a copy: pip writes into what it builds.
  const source = `${directory}/openstackclient`;
  const target = `${directory}/site-packages`;
  cpSync(PLUGIN, source, { recursive: true });
  const options = ['--quiet', '--no-deps', '--no-build-isolation', '--root-user-action=ignore', '--target', target];
  await requireCommand(['/usr/bin/python3', '-m', 'pip', 'install', ...options, source], {
    deadlineMs: INSTALL_DEADLINE_MS,
  });
  return target;
}

const rescued = { server: 'patient', status: 'RESCUE' };
const host = 'openstack server show patient -f value -c OS-EXT-SRV-ATTR:host';

const BEFORE: readonly ClientStep[] = [
  step('openstack --os-compute-api-version 2.37 server create --image simulated --flavor m1.tiny --nic none patient', {
    until: { server: 'patient', status: 'ACTIVE' },
  }),
  step('openstack server show patient -f value -c id', { captures: 'ID', says: [/^[0-9a-f-]{36}$/m] }),
  step('openstack server rescue --image simulated-rescue patient', { until: rescued }),
];

const AFTER: readonly ClientStep[] = [
  step('openstack server event list patient', { says: [/live-migration/] }),
  step('openstack server unrescue patient', { until: { server: 'patient', status: 'ACTIVE' } }),
  step('openstack server delete patient', { until: { server: 'patient', status: 'gone' } }),
];

/** With the plugin: there and back with it, its other commands, and what it says when something is refused. */
const WITH_PLUGIN: readonly ClientStep[] = [
  step('openstack server live-migrate-rescued --wait patient', { says: [/RESCUE/, /sim-/], until: rescued }),
  step('openstack server live-migration show patient', { says: [/completed/] }),
  step('openstack server live-migrate-rescued --wait {ID} -f value -c status', { says: [/^RESCUE$/m], until: rescued }),
  step('openstack server live-migrate-rescued --host nohost patient', {
    exitCode: 1,
    says: [/Compute host nohost could not be found/],
  }),
  step('openstack server live-migrate-rescued nobody', {
    exitCode: 1,
    says: [/No server with a name or ID of 'nobody'/],
  }),
  step('openstack server live-migration abort patient', { exitCode: 1, says: [/is not being live migrated/] }),
];

const SCRIPTS: readonly ClientStep[] = [
  // One microversion earlier the same request is the old 409.
  step(`/usr/bin/python3 ${HERE}live_migrate_with_openstacksdk.py {ID} 2.104`, {
    exitCode: 1,
    says: [/^409 compute 2\.104/m],
  }),
  step(`/usr/bin/python3 ${HERE}live_migrate_with_openstacksdk.py {ID} 2.105`, {
    says: [/^202 compute 2\.105/m],
    until: rescued,
  }),
  step(`/usr/bin/python3 ${HERE}live_migrate_with_novaclient.py {ID} 2.104`, { exitCode: 1, says: [/HTTP 409/] }),
  step(`/usr/bin/python3 ${HERE}live_migrate_with_novaclient.py {ID} 2.105`, { says: [/RESCUE/], until: rescued }),
  step(`${HERE}live-migrate-with-curl.sh {ID} 2.104`, { exitCode: 1, says: [/^409$/m] }),
  step(`${HERE}live-migrate-with-curl.sh {ID} 2.105`, { says: [/^202$/m], until: rescued }),
];

/** Each way in which a client reaches the new microversion; each migration is seen to change the host. */
export async function runRescuedMigrations(
  run: ClientRun,
  plugin: string,
  kinds: { readonly scripts: boolean },
): Promise<readonly ClientVerdict[]> {
  const pluggedIn: ClientLogin = {
    ...run.login,
    environment: { ...run.login.environment, PYTHONPATH: plugin },
  };
  const steps = [...BEFORE, ...WITH_PLUGIN, ...(kinds.scripts ? SCRIPTS : []), ...AFTER];
  return runClientSteps({ ...run, login: pluggedIn }, withHosts(steps));
}

/** After each successful migration the host is another one than before. */
function withHosts(steps: readonly ClientStep[]): readonly ClientStep[] {
  return steps.flatMap((one, index) => {
    const migrates = one.exitCode === 0 && one.until === rescued && index > BEFORE.length - 1;
    if (!migrates) return [one];
    return [step(host, { captures: 'BEFORE', says: [/^sim-[ab]$/m] }), one, step(host, { differsFrom: 'BEFORE' })];
  });
}
