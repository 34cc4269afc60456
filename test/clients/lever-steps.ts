import { active, at, gone, rescued, step, type ClientStep } from './client-step.ts';

const ids = 'openstack --os-compute-api-version 2.59 server migration list --server slow -f value -c Id';

/** On hosts that take long to copy: the levers of a migration on its way, by the stock client. */
export const LEVER_STEPS: readonly ClientStep[] = [
  step(`${at('2.37')} server create --image simulated --flavor m1.tiny --nic none slow`, { until: active('slow') }),
  step(`${at('2.30')} server migrate --live-migration slow`),
  step(ids, { captures: 'FIRST', says: [/^\d+$/m] }),
  step(`${at('2.59')} server migration show slow {FIRST}`, {
    says: [/Memory Total Bytes +\| \d+/, /running|preparing/],
  }),
  step(`${at('2.24')} server migration abort slow {FIRST}`, { until: active('slow') }),
  step('openstack server migration list --server slow', { says: [/cancelled/] }),
  step(`${at('2.30')} server migrate --live-migration slow`),
  step(ids, { captures: 'SECOND', says: [/^\d+$/m] }),
  step(`${at('2.22')} server migration force complete slow {SECOND}`, { until: active('slow') }),
  step('openstack server migration list --server slow', { says: [/completed/] }),
  step('openstack server delete --wait slow', { until: gone('slow') }),
];

const migrateRescued = 'openstack server live-migrate-rescued stuck';

/** The same of a rescued server, with the plug-in. */
export const RESCUED_LEVER_STEPS: readonly ClientStep[] = [
  step(`${at('2.37')} server create --image simulated --flavor m1.tiny --nic none stuck`, { until: active('stuck') }),
  step('openstack server rescue stuck', { until: rescued('stuck') }),
  step(migrateRescued, { says: [/migrating/] }),
  step('openstack server live-migration show stuck', { says: [/memory_remaining_bytes/, /running|preparing/] }),
  step(`${migrateRescued} --wait`, { exitCode: 1, says: [/while it is in task_state migrating \(HTTP 409\)/] }),
  step('openstack server live-migration abort stuck', { until: rescued('stuck') }),
  step('openstack server live-migration show stuck', { says: [/cancelled/] }),
  step(`${migrateRescued} --host sim-b`),
  step(`${migrateRescued} --wait --timeout 1`, { exitCode: 1, says: [/HTTP 409/] }),
  step('openstack server live-migration force-complete stuck', { isAlone: true, until: rescued('stuck') }),
  step('openstack server live-migration show stuck', { says: [/completed/] }),
  step(`${migrateRescued} --wait --timeout 1`, { exitCode: 1, says: [/not ended within 1 seconds/] }),
  step('openstack server live-migration abort stuck 999999', { exitCode: 1, says: [/HTTP 404/] }),
  step('openstack server live-migration abort stuck', { until: rescued('stuck') }),
  step('openstack server delete stuck', { until: gone('stuck') }),
];
