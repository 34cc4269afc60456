import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { LIVE_MIGRATE_RESCUED } from '../../domain/service-version/live-migrate-admission.ts';
import { failureSentence } from '../system/failure-sentence.ts';
import { contradictions } from './configuration-contradictions.ts';
import { DEFAULT_FLAVORS } from './default-flavors.ts';
import { flavorConfigurationSchema } from './flavor-configuration.ts';
import { guestsSchema, hostDeviceKeys, networksSchema } from './devices-configuration.ts';
import { liveMigrationSchema } from './live-migration-configuration.ts';
import { identitySchema } from './identity-configuration.ts';
import { stopGraceSchema } from './stop-grace-configuration.ts';
import { hostStorage, simulatedStorageSchema } from './storage-configuration.ts';
import { viewSnapshotsSchema } from './view-snapshots-configuration.ts';

const name = z.string().regex(/^[a-zA-Z0-9._-]{1,255}$/, '1 to 255 letters, digits, dots, dashes and underscores');
const absolutePath = z.string().regex(/^\/[^\0]*[^/\0]$/, 'an absolute path without a slash at the end');

const hostSchema = z.strictObject({
  name: name.describe('The compute host, as the API names it.'),
  libvirt: z
    .string()
    .regex(/^(unix:\/.+|(tcp|tls):\/\/.+)$/, 'unix:/path, tcp://host:port or tls://host:port')
    .default('unix:/var/run/libvirt/libvirt-sock')
    .describe('Where its libvirt daemon listens; only for hypervisor `libvirt`.'),
  tls: z
    .strictObject({ ca: absolutePath, certificate: absolutePath, key: absolutePath })
    .nullable()
    .default(null)
    .describe('PEM files for `tls://`.'),
  ...hostStorage,
  migrationAddress: z
    .string()
    .min(1)
    .max(255)
    .default('127.0.0.1')
    .describe('Where it takes memory and disks of incoming servers, as the other hosts reach it.'),
  virtType: z.enum(['qemu', 'kvm']).default('qemu').describe('The `type` of the libvirt domains.'),
  gracefulShutdownSeconds: z.number().min(0).max(600).default(60).describe('How long a guest may take to shut down.'),
  serviceVersion: z
    .number()
    .int()
    .min(1)
    .max(LIVE_MIGRATE_RESCUED.sinceServiceVersion)
    .default(LIVE_MIGRATE_RESCUED.sinceServiceVersion)
    .describe('What its compute service reports; older than the newest only during a rolling upgrade.'),
  supportsLiveMigrateRescued: z
    .boolean()
    .default(true)
    .describe('Whether its hypervisor takes part in migrations of rescued servers.'),
  mayUseMonitor: z
    .boolean()
    .default(true)
    .describe('Whether a copy that a partition has stopped may be broken in the QEMU monitor; see partition.md.'),
  ...hostDeviceKeys,
});

/** Unknown keys are refused. docs/configuration.md is made from it. */
export const configurationSchema = z.strictObject({
  listen: z
    .strictObject({
      address: z.string().min(1).default('127.0.0.1').describe('Of the HTTP server.'),
      port: z.number().int().min(0).max(65_535).default(8774).describe('0: any free one.'),
    })
    .prefault({}),
  linkPrefix: z
    .url()
    .nullable()
    .default(null)
    .describe('Base of the links in answers, when clients reach this server by another name.'),
  identity: identitySchema,
  store: z
    .string()
    .min(1)
    .default('sqlite:/var/lib/lifeboat/events.db')
    .describe(
      'Where the events are kept: `sqlite:FILE`, `esdb://USER:PASSWORD@HOST:PORT,…` or `esdb+discover://…` (EventStoreDB, KurrentDB; docs/operate/eventstoredb.md), `memory:`.',
    ),
  viewSnapshots: viewSnapshotsSchema,
  hypervisor: z
    .enum(['libvirt', 'simulated'])
    .default('libvirt')
    .describe('`simulated` is a small cloud in memory, for trying the API.'),
  simulatedCloud: z
    .string()
    .regex(/^unix:\/.+$/, 'unix:/path')
    .nullable()
    .default(null)
    .describe(
      'The socket of a `lifeboat simulated-cloud`, whose hosts and images several processes share; only for hypervisor `simulated`.',
    ),
  simulatedMigrationSeconds: z
    .number()
    .min(0.1)
    .max(3600)
    .default(1)
    .describe('How long the copy of a live migration takes; only for hypervisor `simulated`.'),
  simulatedStorage: simulatedStorageSchema,
  images: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('directory'), path: absolutePath.describe('With kind `directory`.') }),
      z.strictObject({
        kind: z.literal('glance'),
        endpoint: z.url().describe('With kind `glance`.'),
        tokenFile: absolutePath.describe('With kind `glance`; read anew for each request.'),
      }),
      z.strictObject({ kind: z.literal('simulated') }),
    ])
    .default({ kind: 'directory', path: '/var/lib/lifeboat/images' })
    .describe('Where images come from.'),
  hosts: z.array(hostSchema).min(1).max(1000).describe('The compute hosts.'),
  flavors: z
    .array(flavorConfigurationSchema)
    .min(1)
    .max(10_000)
    .default(DEFAULT_FLAVORS)
    .describe('What servers may be made of.'),
  guests: guestsSchema.prefault({}),
  networks: networksSchema,
  maxConcurrentLiveMigrations: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe('Live migrations at one time from each host; the others wait with status `queued`.'),
  liveMigration: liveMigrationSchema.prefault({}),
  heartbeatSeconds: z.number().min(0.05).max(3600).default(10).describe('Between two looks at each hypervisor.'),
  leaseSeconds: z
    .number()
    .min(0.5)
    .max(3600)
    .default(60)
    .describe(
      'After so long a process that is not heard of loses its work to others (docs/operate/processes.md). ' +
        'More than the 30 s in which libvirt gives up a silent client.',
    ),
  stopGraceSeconds: stopGraceSchema,
  powerStateSyncSeconds: z
    .number()
    .min(0.1)
    .max(86_400)
    .default(60)
    .describe('Between two looks at what the guests really do; one that has switched itself off is stopped.'),
  rescueTimeoutSeconds: z
    .number()
    .min(0)
    .max(31_536_000)
    .default(0)
    .describe('After so long a rescued server is unrescued, as with Nova’s `rescue_timeout`; 0: never.'),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export type Configuration = z.infer<typeof configurationSchema>;
export type ConfiguredHost = Configuration['hosts'][number];

export type ConfigurationAnswer =
  | { readonly valid: true; readonly configuration: Configuration }
  /** One sentence for each thing that is wrong: the key, what was found, what is expected. */
  | { readonly valid: false; readonly problems: readonly string[] };

const FILE_BYTES_MAX = 1_048_576;

/** Scalars that a variable may override, by its name. */
export const VARIABLES: Readonly<Record<string, readonly [path: readonly string[], kind: 'text' | 'number']>> = {
  LIFEBOAT_LISTEN_ADDRESS: [['listen', 'address'], 'text'],
  LIFEBOAT_LISTEN_PORT: [['listen', 'port'], 'number'],
  LIFEBOAT_LINK_PREFIX: [['linkPrefix'], 'text'],
  LIFEBOAT_STORE: [['store'], 'text'],
  LIFEBOAT_MAX_CONCURRENT_LIVE_MIGRATIONS: [['maxConcurrentLiveMigrations'], 'number'],
  LIFEBOAT_HEARTBEAT_SECONDS: [['heartbeatSeconds'], 'number'],
  LIFEBOAT_LEASE_SECONDS: [['leaseSeconds'], 'number'],
  LIFEBOAT_LOG_LEVEL: [['logLevel'], 'text'],
};

/** Variables that are read elsewhere and are no keys of the file. */
const OTHER_VARIABLES: readonly string[] = ['LIFEBOAT_CONFIG'];

/** The file, then the variables over it. `path` null: the variables over `base` alone. */
export function readConfiguration(
  path: string | null,
  environment: Readonly<Record<string, string | undefined>>,
  base: unknown = {},
): ConfigurationAnswer {
  const file = path === null ? { ok: true as const, value: base } : readFile(path);
  if (!file.ok) return { valid: false, problems: [file.problem] };
  const overridden = withVariables(file.value, environment);
  if (!overridden.ok) return { valid: false, problems: overridden.problems };
  const parsed = configurationSchema.safeParse(overridden.value, { reportInput: true });
  if (!parsed.success) return { valid: false, problems: parsed.error.issues.map(sentence) };
  const problems = contradictions(parsed.data);
  if (problems.length > 0) return { valid: false, problems };
  return { valid: true, configuration: parsed.data };
}

function readFile(
  path: string,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string } {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length > FILE_BYTES_MAX) return { ok: false, problem: `${path}: larger than ${FILE_BYTES_MAX} bytes` };
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    // What the system says of a file names it already.
    if (!(error instanceof SyntaxError)) return { ok: false, problem: failureSentence(error) };
    return { ok: false, problem: `${path}: cannot be read as JSON: ${error.message}` };
  }
}

function withVariables(
  value: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problems: readonly string[] } {
  const problems: string[] = [];
  let result: unknown = value;
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith('LIFEBOAT_') || text === undefined || OTHER_VARIABLES.includes(variable)) continue;
    const known = VARIABLES[variable];
    if (known === undefined) {
      problems.push(`${variable}: unknown variable; expected one of ${Object.keys(VARIABLES).join(', ')}`);
      continue;
    }
    const [path, kind] = known;
    result = replaced(result, path, kind === 'number' && text.trim() !== '' ? Number(text) : text);
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: result };
}

function replaced(value: unknown, [key, ...rest]: readonly string[], leaf: unknown): unknown {
  if (key === undefined) return leaf;
  const object = typeof value === 'object' && value !== null ? value : {};
  return { ...object, [key]: replaced(Reflect.get(object, key), rest, leaf) };
}

function sentence(issue: z.core.$ZodIssue): string {
  const key = issue.path.length === 0 ? 'configuration' : issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return `${key}: found unknown key ${issue.keys.join(', ')}; expected only documented keys (lifeboat serve --help)`;
  }
  const found = issue.input === undefined ? 'nothing' : JSON.stringify(issue.input).slice(0, 200);
  return `${key}: found ${found}; expected ${expectation(issue)}`;
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return issue.expected;
  if (issue.code === 'invalid_value') return `one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'too_small') return `at least ${issue.minimum}`;
  if (issue.code === 'too_big') return `at most ${issue.maximum}`;
  return issue.message;
}
