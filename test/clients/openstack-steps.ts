import { active, at, gone, rescued, step, type ClientStep } from './client-step.ts';

const IMAGE = '11111111-1111-4111-8111-111111111111';
const RESCUED_409 = [/Cannot 'os-migrateLive' instance [0-9a-f-]{36} while it is in vm_state rescued \(HTTP 409\)/];

/** What an operator looks at, and how servers come into being. */
const LOOKING: readonly ClientStep[] = [
  step('openstack image list', { says: [/simulated-rescue/], isAlone: true }),
  step('openstack image show simulated', { says: [/11111111-1111-4111-8111-111111111111/] }),
  step(`openstack image show ${IMAGE}`, { says: [/simulated/] }),
  step('openstack flavor list', { says: [/m1\.tiny/] }),
  step('openstack flavor show m1.tiny', { says: [/512/] }),
  // The client's own fault: below 2.37 it makes no list of "none".
  step('openstack server create --image simulated --flavor m1.tiny --nic none zero', {
    exitCode: 1,
    says: [/nics must be a list or a tuple/],
  }),
  step(`${at('2.37')} server create --image simulated --flavor m1.tiny --nic none one`, {
    says: [/adminPass/],
    until: active('one'),
  }),
  step(`${at('2.90')} server create --image simulated --flavor m1.tiny --nic none --wait two`, {
    says: [/ACTIVE/],
    until: active('two'),
  }),
  step('openstack server show one -f value -c id', { captures: 'ONE', says: [/^[0-9a-f-]{36}$/m] }),
  // With one endpoint for every service the client finds no name in Nova's own description of an image.
  step('openstack server show {ONE}', { says: [/ACTIVE/, /\(11111111-1111-4111-8111-111111111111\)/, /m1\.tiny/] }),
  ...['2.1', '2.47', '2.90'].map((version) => step(`${at(version)} server show {ONE}`, { says: [/ACTIVE/] })),
  step('openstack server show nobody', { exitCode: 1, says: [/No server with a name or ID of 'nobody' exists/i] }),
  step('openstack server list', { says: [/one .*ACTIVE.*simulated.*m1\.tiny/, /two/] }),
  step('openstack server list -n', { says: [/one/] }),
  step('openstack server list --all-projects', { says: [/one/] }),
  step('openstack server list --long --status ACTIVE', { says: [/sim-/] }),
  step(`${at('2.latest')} server list --name one`, { says: [/one/] }),
];

/** Rescued, a server answers to the stock client as it always did. */
const RESCUING: readonly ClientStep[] = [
  step('openstack server rescue one', { isAlone: true, until: rescued('one') }),
  step('openstack server migrate --live-migration one', { exitCode: 1, says: RESCUED_409 }),
  step(`${at('2.30')} server migrate --live-migration one`, { exitCode: 1, says: RESCUED_409 }),
  step(`${at('2.92')} server migrate --live-migration one`, { exitCode: 1, says: RESCUED_409 }),
  step('openstack server unrescue one', { until: active('one') }),
  step('openstack server rescue --image simulated-rescue --password secret one', { until: rescued('one') }),
  step('openstack server unrescue one', { until: active('one') }),
];

const MIGRATING: readonly ClientStep[] = [
  step(`${at('2.24')} server migrate --live-migration --block-migration one`, { until: active('one') }),
  step(`${at('2.25')} server migrate --live-migration one`, { until: active('one') }),
  step(`${at('2.30')} server migrate --live-migration --block-migration --wait one`, { until: active('one') }),
  step('openstack server show one -f value -c OS-EXT-SRV-ATTR:host', { captures: 'SOURCE', says: [/^sim-[ab]$/m] }),
  step(`${at('2.92')} server migrate --live-migration --host {SOURCE} one`, { until: active('one') }),
  // Copying no disks is refused where they are not shared.
  step(`${at('2.30')} server migrate --live-migration --shared-migration one`, { exitCode: 1, says: [/HTTP 400/] }),
  step(`${at('2.30')} server migrate --live-migration --host nohost one`, {
    exitCode: 1,
    says: [/Compute host nohost could not be found\. \(HTTP 400\)/],
  }),
  step('openstack server migration list', { says: [/completed/] }),
  ...['2.23', '2.59', '2.80'].map((version) =>
    step(`${at(version)} server migration list --server one`, { says: [/live-migration/, /completed/] }),
  ),
  step(`${at('2.24')} server migration show one 1`, { exitCode: 1, says: [/HTTP 404/] }),
  step(`${at('2.24')} server migration abort one 1`, { exitCode: 1, says: [/HTTP 409/] }),
  step(`${at('2.22')} server migration force complete one 1`, { exitCode: 1, says: [/HTTP 409/] }),
  step('openstack server event list one', { says: [/live-migration/, /create/] }),
  step(`${at('2.84')} server event list --long one`, { says: [/live-migration/] }),
  step('openstack server event list one -f value -c "Request ID" --sort-column "Start Time"', {
    captures: 'REQUEST',
    says: [/^req-/],
  }),
  step('openstack server event show one {REQUEST}', { says: [/create/, /compute__do_build_and_run_instance|events/] }),
];

const FLEET: readonly ClientStep[] = [
  step('openstack compute service list', { says: [/sim-a .*enabled *\| up/], isAlone: true }),
  step(`${at('2.1')} compute service list --long`, { says: [/sim-b/] }),
  step('openstack compute service set --disable --disable-reason upgrade sim-b nova-compute'),
  step('openstack compute service list --long', { says: [/sim-b .*disabled.*upgrade/] }),
  step('openstack compute service set --enable sim-b nova-compute'),
  step(`${at('2.11')} compute service set --down sim-b nova-compute`),
  step('openstack compute service list', { says: [/sim-b .*down/] }),
  step(`${at('2.53')} compute service set --up sim-b nova-compute`),
  step(`${at('2.1')} compute service set --disable sim-b nova-compute`),
  step(`${at('2.1')} compute service set --enable sim-b nova-compute`),
  step('openstack compute service list', { says: [/sim-b .*enabled *\| up/] }),
  step('openstack hypervisor list', { says: [/sim-a/, /up/] }),
  ...['2.1', '2.53', '2.88'].map((version) => step(`${at(version)} hypervisor show sim-a`, { says: [/sim-a/] })),
];

/** What `openstack` 6.0 does with versions it was not made for, before any request. */
const VERSIONS: readonly ClientStep[] = [
  step(`${at('2.93')} server list`, { exitCode: 1, says: [/versions supported by client: 2\.1 - 2\.92/] }),
  step(`${at('2.97')} server list`, { exitCode: 1, says: [/versions supported by client: 2\.1 - 2\.92/] }),
  step(`${at('3.0')} server list`, { exitCode: 1, says: [/Invalid client version '3\.0'/] }),
  step(`${at('2.105')} server list`, { exitCode: 1, says: [/versions supported by client: 2\.1 - 2\.92/] }),
  step(`${at('latest')} server list`, { exitCode: 1, says: [/Invalid format of client version 'latest'/] }),
  step(`${at('2')} server list`, { says: [/one/] }),
  step(`${at('2.0')} server list`, { says: [/one/] }),
];

const ENDING: readonly ClientStep[] = [
  step('openstack server delete --wait one', { until: gone('one') }),
  step('openstack server delete two', { until: gone('two') }),
  step('openstack server list -f value', { says: [/^$/] }),
];

/** Every command of OpenStackClient that operators of this program use, in an order in which each has its object. */
export const OPENSTACK_STEPS: readonly ClientStep[] = [
  ...LOOKING,
  ...RESCUING,
  ...MIGRATING,
  ...FLEET,
  ...VERSIONS,
  ...ENDING,
];

/** Enough to see that a way to log in works, where it differs from another in nothing but that. */
export const LOGGED_IN_STEPS: readonly ClientStep[] = [
  step('openstack server list', { says: [/^\s*$/] }),
  step('openstack image list', { says: [/simulated/], isAlone: true }),
];
