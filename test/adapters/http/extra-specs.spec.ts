import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ComputeApiWorld } from '../../support/compute-api-world.ts';

const world = new ComputeApiWorld();
const flavor = { name: 'checked', id: 'checked', ram: 64, vcpus: 1, disk: 1 };
beforeAll(() => world.call('POST', '/v2.1/flavors', { body: { flavor } }));
afterAll(() => world.close());

const SPECS = '/v2.1/flavors/checked/os-extra_specs';
const set = (specs: object, microversion = '2.86', roles = 'admin') =>
  world.call('POST', SPECS, { body: { extra_specs: specs }, microversion, roles });

const TAKEN: readonly Readonly<Record<string, string | number>>[] = [
  { 'hw:cpu_policy': 'dedicated', 'hw:cpu_dedicated_mask': '0-3,^2', 'hw:numa_cpus.1': '4', 'hw:numa_mem.1': '512' },
  { 'hw:mem_page_size': '2048KiB', 'hw:pmem': 'a,b', 'hw:boot_menu': 'Yes', 'hw:numa_nodes': 2 },
  { 'quota:cpu_limit': '-1', 'quota:disk_read_iops_sec': '+1_000', 'quota:vif_inbound_peak': ' 7 ' },
  { 'resources:VCPU': '2', resources1: 'x', 'resources_G:CUSTOM_GPU': '1', 'trait_G:HW_CPU_X86_AVX2': 'required' },
  { 'trait:CUSTOM_RAID': 'forbidden', 'pci_passthrough:alias': 'gpu:1 , nic x:2', 'hw_rng:allowed': 'off' },
  { 'capabilities:cpu_info:vendor': 'x', 'capabilities:vcpus': '>= 5', 'aggregate_instance_extra_specs:a:b': '1' },
  { 'os:secure_boot': 'required', 'hw_video:ram_max_mb': 0, group_policy: 'none', 'accel:device_profile': 'p' },
  { 'mine:anything': 'goes', plain: '1', constructor: '2', 'toString:x': '3' },
];

describe('extra specs since 2.86', () => {
  it.each(TAKEN)('are taken: %j', async (specs) => {
    expect((await set(specs)).statusCode).toBe(200);
  });

  it.each([
    ['hw:cpu_police', 'dedicated', "extra spec 'hw:cpu_police' does not appear to be a valid extra spec."],
    ['hw:constructor', 'x', "extra spec 'hw:constructor' does not appear to be a valid extra spec."],
    ['hw:numa_cpus.x', '1', "extra spec 'hw:numa_cpus.x' does not appear to be a valid extra spec."],
    ['resources:GPU', '1', "extra spec 'resources:GPU' does not appear to be a valid extra spec."],
    ['trait_1:x', 'required', "extra spec 'trait_1:x' does not appear to be a valid extra spec."],
    ['capabilities:cpu_info:', 'x', "extra spec 'capabilities:cpu_info:' does not appear to be a valid extra spec."],
    ['hw:cpu_policy', 'sharedd', "'sharedd' is not one of: dedicated, shared, mixed."],
    ['hw:numa_nodes', 'two', "'two' is not a valid integer value."],
    ['hw:numa_nodes', '0', "'0' is less than the min value of '1'."],
    ['hw:redirected_usb_ports', '16', "'16' is greater than the max value of '15'."],
    ['hw_rng:allowed', 'maybe', "'maybe' is not a valid boolean-like value."],
    ['hide_hypervisor_id', '2', "'2' is not a valid boolean-like value."],
    ['hw:cpu_dedicated_mask', '1,', String.raw`'1,' is not of the format '\^?\d+((-\d+)?(,\^?\d+(-\d+)?)?)*'.`],
    ['pci_passthrough:alias', 'gpu', String.raw`'gpu' is not of the format '[^:]+:\d+(?:\s*,\s*[^:]+:\d+)*'.`],
  ])('are refused in the words of Nova: %s=%s', async (name, value, complaint) => {
    const before = await world.events();
    const created = await set({ plain: 'fine', [name]: value });
    expect([created.statusCode, created.json()]).toEqual([
      400,
      { badRequest: { code: 400, message: `Validation failed; ${complaint}` } },
    ]);
    const body = { [name]: value };
    const updated = await world.call('PUT', `${SPECS}/${name}`, { body, microversion: '2.105' });
    expect(updated.json()).toEqual(created.json());
    expect(await world.events()).toBe(before);
  });

  it('are looked at after who asks, and before whether there is such a flavor', async () => {
    const wrong = { extra_specs: { 'hw:none': '1' } };
    expect((await set({ 'hw:none': '1' }, '2.86', 'member')).statusCode).toBe(403);
    const elsewhere = await world.call('POST', '/v2.1/flavors/nowhere/os-extra_specs', {
      body: wrong,
      microversion: '2.86',
    });
    expect(elsewhere.statusCode).toBe(400);
  });

  it('are not looked at below', async () => {
    expect((await set({ 'hw:cpu_police': 'x', 'hw:numa_nodes': 'two' }, '2.85')).statusCode).toBe(200);
  });
});
