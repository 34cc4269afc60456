/** What the value of an extra spec has to be. */
export type ExtraSpecRule =
  | { readonly is: 'integer'; readonly minimum?: number; readonly maximum?: number }
  | { readonly is: 'boolean' }
  | { readonly is: 'word'; readonly words: readonly string[] }
  /** `told`: the pattern as Nova's message shows it; the one here takes the same texts in linear time. */
  | { readonly is: 'text'; readonly pattern: RegExp; readonly told: string }
  | { readonly is: 'anything' };

type Rules = Readonly<Record<string, ExtraSpecRule>>;

const ANYTHING = { is: 'anything' } as const;
const INTEGER = { is: 'integer' } as const;
const BOOLEAN = { is: 'boolean' } as const;
const atLeast = (minimum: number) => ({ is: 'integer', minimum }) as const;
const oneOf = (...words: readonly string[]) => ({ is: 'word', words }) as const;
const CPUS = {
  is: 'text',
  pattern: /^\^?\d+(-\d+|,\^?\d+)*$/,
  told: String.raw`\^?\d+((-\d+)?(,\^?\d+(-\d+)?)?)*`,
} as const;

const rulesOf = (names: readonly string[], rule: ExtraSpecRule): Rules =>
  Object.fromEntries(names.map((name) => [name, rule]));

/** Every name that is made of each of the first words with each of the second, joined by `_`. */
const joined = (first: readonly string[], second: readonly string[]): readonly string[] =>
  first.flatMap((one) => second.map((other) => `${one}_${other}`));

const HW: Rules = {
  ...rulesOf(['cpu_sockets', 'cpu_cores', 'cpu_threads', 'numa_nodes'], atLeast(1)),
  ...rulesOf(['max_cpu_sockets', 'max_cpu_cores', 'max_cpu_threads'], atLeast(1)),
  ...rulesOf(['boot_menu', 'cpu_realtime', 'ephemeral_encryption', 'hide_hypervisor_id', 'locked_memory'], BOOLEAN),
  ...rulesOf(['mem_encryption', 'pmu', 'vif_multiqueue_enabled', 'virtio_packed_ring'], BOOLEAN),
  ...rulesOf(['sound_model', 'usb_model'], ANYTHING),
  cpu_policy: oneOf('dedicated', 'shared', 'mixed'),
  cpu_thread_policy: oneOf('prefer', 'isolate', 'require'),
  emulator_threads_policy: oneOf('isolate', 'share'),
  pci_numa_affinity_policy: oneOf('required', 'preferred', 'legacy', 'socket'),
  cpu_dedicated_mask: CPUS,
  cpu_realtime_mask: { ...CPUS, told: String.raw`(\^)?\d+((-\d+)?(,\^?\d+(-\d+)?)?)*` },
  mem_page_size: {
    is: 'text',
    pattern: /^(large|small|any|\d+([kKMGT]i?)?(b|bit|B)?)$/,
    told: String.raw`(large|small|any|\d+([kKMGT]i?)?(b|bit|B)?)`,
  },
  pmem: { is: 'text', pattern: /^[a-zA-Z0-9_]+(,[a-zA-Z0-9_]+)*,?$/, told: '([a-zA-Z0-9_]+(,)?)+' },
  mem_encryption_model: oneOf('amd-sev', 'amd-sev-es'),
  ephemeral_encryption_format: oneOf('plain', 'luks', 'luksv2'),
  maxphysaddr_mode: oneOf('passthrough', 'emulate'),
  maxphysaddr_bits: atLeast(0),
  redirected_usb_ports: { is: 'integer', minimum: 0, maximum: 15 },
  serial_port_count: atLeast(0),
  tpm_model: oneOf('tpm-tis', 'tpm-crb'),
  tpm_version: oneOf('1.2', '2.0'),
  tpm_secret_security: oneOf('user', 'host', 'deployment'),
  viommu_model: oneOf('intel', 'smmuv3', 'virtio', 'auto'),
  watchdog_action: oneOf('none', 'pause', 'poweroff', 'reset', 'disabled'),
};

const QUOTED = ['cpu', 'memory', 'disk_io', 'vif'];
const QUOTA: Rules = {
  ...rulesOf(joined(QUOTED, ['limit', 'reservation', 'shares_share']), INTEGER),
  ...rulesOf(joined(QUOTED, ['shares_level']), ANYTHING),
  ...rulesOf(['cpu_shares', 'cpu_period', 'cpu_quota'], atLeast(0)),
  ...rulesOf(joined(['disk_read', 'disk_write', 'disk_total'], ['bytes_sec', 'iops_sec']), atLeast(0)),
  ...rulesOf(joined(['vif_inbound', 'vif_outbound'], ['average', 'peak', 'burst']), atLeast(0)),
};

/** What `ComputeCapabilitiesFilter` can look at; the second kind has parts, behind a colon each. */
const CAPABILITIES =
  'id uuid service_id host vcpus memory_mb local_gb vcpus_used memory_mb_used local_gb_used hypervisor_type ' +
  'hypervisor_version hypervisor_hostname free_ram_mb free_disk_gb current_workload running_vms disk_available_least ' +
  'host_ip mapped cpu_allocation_ratio ram_allocation_ratio disk_allocation_ratio total_usable_ram_mb ' +
  'total_usable_disk_gb disk_mb_used free_disk_mb vcpus_total num_instances num_io_ops failed_builds aggregates ' +
  'cell_uuid updated';
const NESTED_CAPABILITIES =
  'cpu_info metrics stats numa_topology supported_hv_specs pci_device_pools nodename pci_stats supported_instances ' +
  'limits instances';

const RESOURCE_CLASSES =
  'VCPU MEMORY_MB DISK_GB PCI_DEVICE SRIOV_NET_VF NUMA_SOCKET NUMA_CORE NUMA_THREAD NUMA_MEMORY_MB IPV4_ADDRESS VGPU ' +
  'VGPU_DISPLAY_HEAD NET_BW_EGR_KILOBIT_PER_SEC NET_BW_IGR_KILOBIT_PER_SEC PCPU MEM_ENCRYPTION_CONTEXT FPGA PGPU ' +
  'NET_PACKET_RATE_KILOPACKET_PER_SEC NET_PACKET_RATE_EGR_KILOPACKET_PER_SEC NET_PACKET_RATE_IGR_KILOPACKET_PER_SEC';

const anyOf = (words: string): string => words.replaceAll(' ', '|');

/** The extra specs of one namespace, by what stands behind its colon. */
export type ExtraSpecNamespace = {
  readonly named: Rules;
  readonly patterned: readonly { readonly pattern: RegExp; readonly rule: ExtraSpecRule }[];
};

const only = (named: Rules): ExtraSpecNamespace => ({ named, patterned: [] });
const matching = (pattern: RegExp, rule: ExtraSpecRule): ExtraSpecNamespace => ({
  named: {},
  patterned: [{ pattern, rule }],
});

/** The namespaces Nova knows, with every name in them (its validators, master). */
export const EXTRA_SPEC_NAMESPACES: ReadonlyMap<string, ExtraSpecNamespace> = new Map([
  ['accel', only({ device_profile: ANYTHING })],
  ['aggregate_instance_extra_specs', matching(/^.+$/, ANYTHING)],
  [
    'capabilities',
    {
      named: rulesOf(CAPABILITIES.split(' '), ANYTHING),
      patterned: [{ pattern: new RegExp(`^(${anyOf(NESTED_CAPABILITIES)})(:\\w+)*$`), rule: ANYTHING }],
    },
  ],
  [
    'hw',
    {
      named: HW,
      patterned: [
        { pattern: /^numa_cpus\.\d+$/, rule: CPUS },
        { pattern: /^numa_mem\.\d+$/, rule: atLeast(1) },
      ],
    },
  ],
  ['hw_rng', only({ allowed: BOOLEAN, rate_bytes: atLeast(0), rate_period: atLeast(0) })],
  ['hw_video', only({ ram_max_mb: atLeast(0) })],
  ['os', only({ secure_boot: oneOf('disabled', 'required') })],
  [
    'pci_passthrough',
    only({
      alias: {
        is: 'text',
        pattern: /^[^:]+:\d+(\s*,[^:]+:\d+)*$/,
        told: String.raw`[^:]+:\d+(?:\s*,\s*[^:]+:\d+)*`,
      },
    }),
  ],
  ['quota', only(QUOTA)],
  ['resources', matching(new RegExp(`^(${anyOf(RESOURCE_CLASSES)}|CUSTOM_[A-Z0-9_]+)$`), INTEGER)],
  // There are hundreds of standard traits, and more in each release: their families are told apart.
  ['trait', matching(/^(COMPUTE|CUSTOM|HW|MISC|OWNER|STORAGE)_[A-Z0-9_]+$/, oneOf('required', 'forbidden'))],
  ['vmware', only({ hw_version: ANYTHING, storage_policy: ANYTHING })],
]);

/** Extra specs that Nova knows without a namespace. */
export const EXTRA_SPECS_WITHOUT_NAMESPACE: Rules = {
  hide_hypervisor_id: BOOLEAN,
  group_policy: oneOf('isolate', 'none'),
};
