/** Simulated images and a flavor that every simulated host has room for. */
const IMAGE = '11111111-1111-4111-8111-111111111111';
const ALTERNATIVE_IMAGE = '22222222-2222-4222-8222-222222222222';
const FLAVOR = '0';
const ALTERNATIVE_FLAVOR = '1';

export const TEMPEST_PASSWORD = 'a password for Tempest';

/** Three for each of two workers: a member, another project's member, an administrator. */
export const TEMPEST_ACCOUNTS = ['demo', 'alt', 'demo-2', 'alt-2', 'admin', 'admin-2'].map((name) => ({
  name,
  role: name.startsWith('admin') ? 'admin' : 'member',
}));

export type TempestCloud = {
  readonly url: string;
  readonly directory: string;
  /** Null: none, which is what Tempest does by itself. */
  readonly minMicroversion: string | null;
  readonly fleetIsUpgraded: boolean;
  readonly hostWithoutCapability: string | null;
};

/** `accounts.yaml`, in the JSON that is also YAML. */
export function accountsFile(): string {
  const accounts = TEMPEST_ACCOUNTS.map(({ name, role }) => ({
    username: name,
    project_name: name,
    password: TEMPEST_PASSWORD,
    domain_name: 'Default',
    ...(role === 'admin' ? { types: ['admin'] } : {}),
  }));
  return JSON.stringify(accounts, null, 2);
}

/** `tempest.conf`: no network, no volumes, no login to servers; what the simulated hosts can do, switched on. */
export function tempestConf(cloud: TempestCloud): string {
  const sections = {
    DEFAULT: { log_dir: cloud.directory, log_file: 'tempest.log' },
    oslo_concurrency: { lock_path: `${cloud.directory}/lock` },
    auth: {
      use_dynamic_credentials: false,
      test_accounts_file: `${cloud.directory}/accounts.yaml`,
      default_credentials_domain_name: 'Default',
    },
    identity: { uri_v3: `${cloud.url}/v3`, auth_version: 'v3', region: 'RegionOne' },
    compute: {
      image_ref: IMAGE,
      image_ref_alt: ALTERNATIVE_IMAGE,
      flavor_ref: FLAVOR,
      flavor_ref_alt: ALTERNATIVE_FLAVOR,
      min_compute_nodes: 2,
      build_interval: 1,
      build_timeout: 120,
      max_microversion: 'latest',
      ...(cloud.minMicroversion === null ? {} : { min_microversion: cloud.minMicroversion }),
    },
    'compute-feature-enabled': {
      live_migration: true,
      block_migration_for_live_migration: true,
      live_migrate_back_and_forth: true,
      live_migrate_paused_instances: true,
      rescue: true,
      resize: true,
      cold_migration: true,
      stable_rescue: false,
      snapshot: false,
      console_output: false,
    },
    service_available: { nova: true, glance: true, cinder: false, neutron: false, swift: false },
    validation: { run_validation: false },
    'network-feature-enabled': { api_extensions: '' },
    lifeboat: {
      fleet_is_upgraded: cloud.fleetIsUpgraded,
      ...(cloud.hostWithoutCapability === null ? {} : { host_without_capability: cloud.hostWithoutCapability }),
    },
  };
  return Object.entries(sections)
    .map(
      ([name, options]) =>
        `[${name}]\n${Object.entries(options)
          .map(([key, value]) => `${key} = ${value}\n`)
          .join('')}`,
    )
    .join('\n');
}
