import { fileURLToPath } from 'node:url';
import { active, gone, rescued as isRescued, step, type ClientStep } from './client-step.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));

const LATER = `/usr/bin/python3 ${HERE}openstack_with_later_microversions.py`;
/** This program's own command, which knows the variables of the clients. */
const LIFEBOAT = fileURLToPath(new URL('../../adapters/cli/lifeboat.ts', import.meta.url));

const rescued = isRescued('patient');
const host = 'openstack server show patient -f value -c OS-EXT-SRV-ATTR:host';

const BEFORE: readonly ClientStep[] = [
  step('openstack --os-compute-api-version 2.37 server create --image simulated --flavor m1.tiny --nic none patient', {
    until: active('patient'),
  }),
  step('openstack server show patient -f value -c id', { captures: 'ID', says: [/^[0-9a-f-]{36}$/m] }),
  step('openstack server rescue --image simulated-rescue patient', { until: rescued }),
];

const AFTER: readonly ClientStep[] = [
  step('openstack server event list patient', { says: [/live-migration/] }),
  step('openstack server unrescue patient', { until: active('patient') }),
  step('openstack server delete patient', { until: gone('patient') }),
];

/** With the plugin: there and back with it, its other commands, and what it says when something is refused. */
const WITH_PLUGIN: readonly ClientStep[] = [
  step('openstack server live-migrate-rescued --help', { says: [/Live migrate a rescued server/], isAlone: true }),
  step('openstack server live-migrate-rescued --wait patient', {
    says: [/RESCUE/, /sim-/],
    isAlone: true,
    until: rescued,
  }),
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
  step(`${LATER} --os-compute-api-version 2.104 server migrate --live-migration patient`, {
    exitCode: 1,
    says: [/vm_state rescued \(HTTP 409\)/],
  }),
  step(`${LATER} --os-compute-api-version 2.105 server migrate --live-migration patient`, { until: rescued }),
  step(`${process.execPath} ${LIFEBOAT} server live-migrate patient`, { says: [/sim-/], until: rescued }),
];

/** The plugin's commands; with `scripts` each other client too that reaches the new microversion. */
export function rescuedMigrationSteps({ scripts }: { readonly scripts: boolean }): readonly ClientStep[] {
  return withHosts([...BEFORE, ...WITH_PLUGIN, ...(scripts ? SCRIPTS : []), ...AFTER]);
}

/** After each successful migration the host is another one than before. */
function withHosts(steps: readonly ClientStep[]): readonly ClientStep[] {
  return steps.flatMap((one, index) => {
    const migrates = one.exitCode === 0 && one.until === rescued && index > BEFORE.length - 1;
    if (!migrates) return [one];
    return [step(host, { captures: 'BEFORE', says: [/^sim-[ab]$/m] }), one, step(host, { differsFrom: 'BEFORE' })];
  });
}
