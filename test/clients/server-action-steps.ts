import { active, at, gone, rescued, step, type ClientStep } from './client-step.ts';

const becomes = (status: string) => ({ server: 'three', status });

const POWER: readonly ClientStep[] = [
  step(`${at('2.37')} server create --image simulated --flavor m1.tiny --nic none --property a=b --wait three`, {
    isAlone: true,
    says: [/ACTIVE/],
    until: becomes('ACTIVE'),
  }),
  step('openstack server pause three', { until: becomes('PAUSED') }),
  step('openstack server pause three', { exitCode: 1, says: [/Cannot 'pause' instance .* vm_state paused/] }),
  step('openstack server unpause three', { until: becomes('ACTIVE') }),
  step('openstack server suspend three', { until: becomes('SUSPENDED') }),
  step('openstack server resume three', { until: becomes('ACTIVE') }),
  step('openstack server stop three', { until: becomes('SHUTOFF') }),
  step('openstack server start three', { until: becomes('ACTIVE') }),
  step('openstack server reboot three', { until: becomes('ACTIVE') }),
  step('openstack server reboot --hard --wait three', { until: becomes('ACTIVE') }),
  step('openstack server set --state error three', { until: becomes('ERROR') }),
  step('openstack server set --state active three', { until: becomes('ACTIVE') }),
  step('openstack server event list three', { says: [/suspend/, /reboot/, /stop/] }),
];

const CHANGING: readonly ClientStep[] = [
  step(`${at('2.73')} server lock --reason "do not touch" three`),
  step(`${at('2.73')} server show three`, { says: [/locked_reason +\| do not touch/] }),
  step(`${at('2.73')} server list --locked`, { says: [/three/] }),
  step('openstack server unlock three'),
  step('openstack server set --property c=d three'),
  step('openstack server show three -c properties', { says: [/a='b'/, /c='d'/] }),
  step('openstack server unset --property a three'),
  step(`${at('2.19')} server set --description "of three" three`),
  step(`${at('2.19')} server show three`, { says: [/of three/] }),
  step(`${at('2.26')} server set --tag red three`),
  step(`${at('2.26')} server list --tags red`, { says: [/three/] }),
  step(`${at('2.26')} server unset --tag red three`),
  step('openstack server set --name renamed three'),
  step('openstack server set --name three renamed', { until: becomes('ACTIVE') }),
  step('openstack server rebuild --wait three', { says: [/REBUILD|ACTIVE/], until: becomes('ACTIVE') }),
  step('openstack server resize --flavor m1.small --wait three', { until: becomes('VERIFY_RESIZE') }),
  step('openstack server resize revert three', { until: becomes('ACTIVE') }),
  step('openstack server resize --flavor m1.small three', { until: becomes('VERIFY_RESIZE') }),
  step('openstack server resize confirm three', { until: becomes('ACTIVE') }),
  step('openstack server show three', { says: [/m1\.small/] }),
  step('openstack server migrate --wait three', { until: becomes('VERIFY_RESIZE') }),
  step('openstack server migration confirm three', { until: becomes('ACTIVE') }),
];

const LISTING: readonly ClientStep[] = [
  step('openstack server list --status ACTIVE --flavor m1.small --image simulated', { says: [/three/] }),
  step('openstack server list --host nowhere --all-projects -f value', { says: [/^$/] }),
  step('openstack server list --limit 1', { says: [/three/] }),
  step('openstack server list --changes-since 2016-03-04T06:27:59Z', { says: [/three/] }),
  step(`${at('2.66')} server list --changes-before 2016-03-04T06:27:59Z -f value`, { says: [/^$/] }),
  step('openstack server list --no-such-option', { exitCode: 2, says: [/unrecognized arguments/] }),
  step('openstack server list -f json', { says: [/"Name": "three"/] }),
];

const PROJECT: readonly ClientStep[] = [
  step('openstack limits show --absolute', { says: [/maxTotalInstances/, /totalInstancesUsed/] }),
  step('openstack availability zone list --compute', { says: [/nova .*available/] }),
  step('openstack keypair create mine', { says: [/BEGIN (OPENSSH|RSA) PRIVATE KEY/] }),
  step('openstack keypair list', { says: [/mine .*([0-9a-f]{2}:){15}/] }),
  step('openstack keypair show mine', { says: [/mine/] }),
  step('openstack keypair delete mine'),
  step('openstack server group create --policy anti-affinity apart', { says: [/anti-affinity/] }),
  step(`${at('2.64')} server group create --policy anti-affinity --rule max_server_per_host=2 two-each`, {
    says: [/max_server_per_host/],
  }),
  step('openstack server group list', { says: [/apart/] }),
  step('openstack server group show apart', { says: [/anti-affinity/] }),
  step('openstack server group delete apart two-each'),
  step('openstack flavor create --ram 128 --disk 1 --vcpus 1 --property hw:mem_page_size=any own', { says: [/128/] }),
  step('openstack flavor set --property hw:boot_menu=true own'),
  step('openstack flavor show own', { says: [/hw:boot_menu='true'/] }),
  step('openstack flavor unset --property hw:boot_menu own'),
  step('openstack flavor list --long', { says: [/hw:mem_page_size='any'/] }),
  step('openstack flavor delete own'),
  step('openstack hypervisor stats show', { says: [/vcpus/] }),
  step('openstack host list', { says: [/sim-a/] }),
  step('openstack aggregate list -f value', { says: [/^$/] }),
  step('openstack extension list --compute', { says: [/Servers|Rescue|os-/] }),
];

const IMAGING: readonly ClientStep[] = [
  step('openstack server image create --name photo --wait three', { says: [/photo/], until: becomes('ACTIVE') }),
  step('openstack image show photo', { says: [/active/] }),
  step(`${at('2.37')} server create --image photo --flavor m1.small --nic none --wait print`, {
    says: [/ACTIVE/],
    until: active('print'),
  }),
  step('openstack server delete --wait print', { until: gone('print') }),
  step('openstack server set --password secret three', { exitCode: 1, says: [/agent is not enabled/] }),
];

/** What Nova has and no driver here does, or not of such a server: refused as Nova refuses it. */
const REFUSED: readonly ClientStep[] = [
  step('openstack console log show three', {
    exitCode: 1,
    says: [/501: Server Error.* functionality is not supported/],
  }),
  step(`${at('2.17')} server dump create three`, { exitCode: 1, says: [/HTTP 501/] }),
  step('openstack server backup create --type daily --rotate 1 three', { exitCode: 1, says: [/501: Server Error/] }),
  step(`${at('2.29')} server evacuate three`, { exitCode: 1, says: [/HTTP 400/] }),
  step('openstack server unrescue three', { exitCode: 1, says: [/Cannot 'unrescue' instance .* vm_state active/] }),
  step('openstack server rescue three', { until: rescued('three') }),
  step('openstack server pause three', { exitCode: 1, says: [/409: .*while it is in vm_state rescued/] }),
  step('openstack server resize --flavor m1.tiny three', { exitCode: 1, says: [/vm_state rescued \(HTTP 409\)/] }),
  step('openstack server unrescue three', { until: active('three') }),
];

/** What else operators do with the stock client, here where the server itself is the same for every way to log in. */
export const SERVER_ACTION_STEPS: readonly ClientStep[] = [
  ...POWER,
  ...CHANGING,
  ...LISTING,
  ...PROJECT,
  ...IMAGING,
  ...REFUSED,
  step('openstack server delete --wait three', { until: gone('three') }),
];
