import { active, gone, rescued, step, type ClientStep } from './client-step.ts';

/** The old shell, which asks the server for its versions first. It knows no `admin_token`. */
export const NOVA_STEPS: readonly ClientStep[] = [
  step('openstack --os-compute-api-version 2.37 server create --image simulated --flavor m1.tiny --nic none shell', {
    until: active('shell'),
  }),
  step('nova list', { says: [/shell/] }),
  step('nova show shell', { says: [/ACTIVE/] }),
  step('nova live-migration shell', { until: active('shell') }),
  step('nova migration-list', { says: [/live-migration/] }),
  step('nova instance-action-list shell', { says: [/create/] }),
  step('nova service-list', { says: [/sim-a/] }),
  step('nova hypervisor-list', { says: [/sim-a/] }),
  step('nova rescue shell', { until: rescued('shell') }),
  step('nova live-migration shell', { exitCode: 1, says: [/vm_state rescued \(HTTP 409\)/] }),
  step('nova --os-compute-api-version 2.97 list', { exitCode: 1, says: [/valid version range is '2\.1' to '2\.92'/] }),
  step('nova unrescue shell', { until: active('shell') }),
  step('nova delete shell', { until: gone('shell') }),
];
