import {
  characters,
  flag,
  int32,
  list,
  mapped,
  nothing,
  opaque,
  optional,
  struct,
  text,
  uint32,
  uint64,
} from './codec.ts';
import type { Codec } from './codec.ts';
import { REMOTE_PROGRAM } from './frame.ts';
import { domainCodec, storagePoolCodec, storageVolumeCodec, uuidCodec } from './remote-objects.ts';
import { typedParameterCodec } from './typed-parameter.ts';

/** One numbered procedure; numbers and structures are those of remote_protocol.x and qemu_protocol.x (9.0.0). */
export interface Procedure<Args, Reply> {
  readonly program: number;
  readonly number: number;
  readonly name: string;
  readonly args: Codec<Args>;
  readonly reply: Codec<Reply>;
}

/** Bounds of remote_protocol.x. */
const OBJECTS_MAX = 16_384;
const MIGRATE_COOKIE_BYTES_MAX = 4_194_304;
const MIGRATE_PARAMETERS_MAX = 64;
const JOB_STATS_MAX = 64;
const AUTH_TYPES_MAX = 20;
const NODE_MODEL_LENGTH = 32;

export const jobStatsCodec = list(typedParameterCodec, JOB_STATS_MAX);
const migrateParameters = list(typedParameterCodec, MIGRATE_PARAMETERS_MAX);
const migrateCookie = opaque(MIGRATE_COOKIE_BYTES_MAX);

const onlyName = struct({ name: text });
const onlyDomain = struct({ domain: domainCodec });
const domainAndFlags = struct({ domain: domainCodec, flags: uint32 });
const xmlAndFlags = struct({ xml: text, flags: uint32 });
const onlyPool = struct({ pool: storagePoolCodec });
const poolAndFlags = struct({ pool: storagePoolCodec, flags: uint32 });
const onlyVolume = struct({ volume: storageVolumeCodec });
const volumeAndFlags = struct({ volume: storageVolumeCodec, flags: uint32 });
const volumeRange = struct({ volume: storageVolumeCodec, offset: uint64, length: uint64, flags: uint32 });

function procedure<Args, Reply>(
  number: number,
  name: string,
  args: Codec<Args>,
  reply: Codec<Reply>,
): Procedure<Args, Reply> {
  return { program: REMOTE_PROGRAM, number, name, args, reply };
}

/** The wire asks whether the list itself is wanted, or only its length; Lifeboat always wants it. */
const listingFlags = mapped(struct({ needResults: flag, flags: uint32 }), {
  toWire: ({ flags }: { readonly flags: number }) => ({ needResults: true, flags }),
  fromWire: ({ flags }) => ({ flags }),
});
const poolListing = mapped(struct({ pool: storagePoolCodec, needResults: flag, flags: uint32 }), {
  toWire: (args: ReturnType<typeof poolAndFlags.decode>) => ({ ...args, needResults: true }),
  fromWire: ({ pool, flags }) => ({ pool, flags }),
});

/** A list answer repeats its length behind the list. */
function listing<Value>(codec: Codec<Value>): Codec<readonly Value[]> {
  return mapped(struct({ values: list(codec, OBJECTS_MAX), count: uint32 }), {
    toWire: (values: readonly Value[]) => ({ values, count: values.length }),
    fromWire: ({ values }) => values,
  });
}

export const AUTH_LIST = procedure(66, 'AUTH_LIST', nothing, list(int32, AUTH_TYPES_MAX));
/** `uri` null lets the server choose its hypervisor. */
export const CONNECT_OPEN = procedure(1, 'CONNECT_OPEN', struct({ uri: optional(text), flags: uint32 }), nothing);
export const CONNECT_CLOSE = procedure(2, 'CONNECT_CLOSE', nothing, nothing);
export const CONNECT_SUPPORTS_FEATURE = procedure(60, 'CONNECT_SUPPORTS_FEATURE', struct({ feature: int32 }), flag);
export const CONNECT_GET_HOSTNAME = procedure(59, 'CONNECT_GET_HOSTNAME', nothing, text);
/** major * 1,000,000 + minor * 1,000 + release. */
export const CONNECT_GET_LIB_VERSION = procedure(157, 'CONNECT_GET_LIB_VERSION', nothing, uint64);
/** The hypervisor's version, numbered like the library's. */
export const CONNECT_GET_VERSION = procedure(4, 'CONNECT_GET_VERSION', nothing, uint64);
export const CONNECT_GET_URI = procedure(110, 'CONNECT_GET_URI', nothing, text);
export const CONNECT_GET_CAPABILITIES = procedure(7, 'CONNECT_GET_CAPABILITIES', nothing, text);
const domainCapabilitiesQuery = struct({
  emulator: optional(text),
  arch: optional(text),
  machine: optional(text),
  virtType: optional(text),
  flags: uint32,
});
export const CONNECT_GET_DOMAIN_CAPABILITIES = procedure(
  342,
  'CONNECT_GET_DOMAIN_CAPABILITIES',
  domainCapabilitiesQuery,
  text,
);
/** 0 incompatible, 1 identical, 2 superset (virCPUCompareResult). */
export const CONNECT_COMPARE_CPU = procedure(158, 'CONNECT_COMPARE_CPU', xmlAndFlags, int32);
const nodeInfo = struct({
  model: characters(NODE_MODEL_LENGTH),
  memoryKib: uint64,
  cpus: int32,
  mhz: int32,
  nodes: int32,
  sockets: int32,
  cores: int32,
  threads: int32,
});
export const NODE_GET_INFO = procedure(6, 'NODE_GET_INFO', nothing, nodeInfo);
/** Bytes. */
export const NODE_GET_FREE_MEMORY = procedure(102, 'NODE_GET_FREE_MEMORY', nothing, uint64);

export const CONNECT_LIST_ALL_DOMAINS = procedure(273, 'CONNECT_LIST_ALL_DOMAINS', listingFlags, listing(domainCodec));
export const DOMAIN_LOOKUP_BY_UUID = procedure(24, 'DOMAIN_LOOKUP_BY_UUID', struct({ uuid: uuidCodec }), domainCodec);
export const DOMAIN_LOOKUP_BY_NAME = procedure(23, 'DOMAIN_LOOKUP_BY_NAME', onlyName, domainCodec);
export const DOMAIN_GET_XML_DESC = procedure(14, 'DOMAIN_GET_XML_DESC', domainAndFlags, text);
export const DOMAIN_DEFINE_XML_FLAGS = procedure(350, 'DOMAIN_DEFINE_XML_FLAGS', xmlAndFlags, domainCodec);
export const DOMAIN_CREATE_WITH_FLAGS = procedure(196, 'DOMAIN_CREATE_WITH_FLAGS', domainAndFlags, domainCodec);
export const DOMAIN_DESTROY_FLAGS = procedure(234, 'DOMAIN_DESTROY_FLAGS', domainAndFlags, nothing);
export const DOMAIN_SHUTDOWN_FLAGS = procedure(258, 'DOMAIN_SHUTDOWN_FLAGS', domainAndFlags, nothing);
export const DOMAIN_REBOOT = procedure(27, 'DOMAIN_REBOOT', domainAndFlags, nothing);
export const DOMAIN_RESET = procedure(245, 'DOMAIN_RESET', domainAndFlags, nothing);
export const DOMAIN_SUSPEND = procedure(34, 'DOMAIN_SUSPEND', onlyDomain, nothing);
export const DOMAIN_RESUME = procedure(28, 'DOMAIN_RESUME', onlyDomain, nothing);
export const DOMAIN_MANAGED_SAVE = procedure(182, 'DOMAIN_MANAGED_SAVE', domainAndFlags, nothing);
export const DOMAIN_HAS_MANAGED_SAVE_IMAGE = procedure(183, 'DOMAIN_HAS_MANAGED_SAVE_IMAGE', domainAndFlags, flag);
export const DOMAIN_MANAGED_SAVE_REMOVE = procedure(184, 'DOMAIN_MANAGED_SAVE_REMOVE', domainAndFlags, nothing);
export const DOMAIN_UNDEFINE_FLAGS = procedure(231, 'DOMAIN_UNDEFINE_FLAGS', domainAndFlags, nothing);
/** virDomainState, and a reason whose meaning depends on it. */
export const DOMAIN_GET_STATE = procedure(
  212,
  'DOMAIN_GET_STATE',
  domainAndFlags,
  struct({ state: int32, reason: int32 }),
);
const jobStats = struct({ type: int32, params: jobStatsCodec });
/** Flag 1 asks for the job that completed last. */
export const DOMAIN_GET_JOB_STATS = procedure(298, 'DOMAIN_GET_JOB_STATS', domainAndFlags, jobStats);
export const DOMAIN_IS_PERSISTENT = procedure(151, 'DOMAIN_IS_PERSISTENT', onlyDomain, flag);
export const DOMAIN_ABORT_JOB = procedure(164, 'DOMAIN_ABORT_JOB', onlyDomain, nothing);

const beginArgs = struct({ domain: domainCodec, params: migrateParameters, flags: uint32 });
const beginReply = struct({ cookieOut: migrateCookie, xml: text });
export const DOMAIN_MIGRATE_BEGIN3_PARAMS = procedure(302, 'DOMAIN_MIGRATE_BEGIN3_PARAMS', beginArgs, beginReply);
const prepareArgs = struct({ params: migrateParameters, cookieIn: migrateCookie, flags: uint32 });
const prepareReply = struct({ cookieOut: migrateCookie, uriOut: optional(text) });
/** Asked of the destination. */
export const DOMAIN_MIGRATE_PREPARE3_PARAMS = procedure(
  303,
  'DOMAIN_MIGRATE_PREPARE3_PARAMS',
  prepareArgs,
  prepareReply,
);
const performArgs = struct({
  domain: domainCodec,
  destinationConnectionUri: optional(text),
  params: migrateParameters,
  cookieIn: migrateCookie,
  flags: uint32,
});
const performReply = struct({ cookieOut: migrateCookie });
/** Answers only when the copy has ended; `destinationConnectionUri` null means that the client drives the phases. */
export const DOMAIN_MIGRATE_PERFORM3_PARAMS = procedure(
  305,
  'DOMAIN_MIGRATE_PERFORM3_PARAMS',
  performArgs,
  performReply,
);
const finishArgs = struct({ params: migrateParameters, cookieIn: migrateCookie, flags: uint32, cancelled: flag });
const finishReply = struct({ domain: domainCodec, cookieOut: migrateCookie });
/** Asked of the destination. */
export const DOMAIN_MIGRATE_FINISH3_PARAMS = procedure(306, 'DOMAIN_MIGRATE_FINISH3_PARAMS', finishArgs, finishReply);
const confirmArgs = struct({
  domain: domainCodec,
  params: migrateParameters,
  cookieIn: migrateCookie,
  flags: uint32,
  cancelled: flag,
});
export const DOMAIN_MIGRATE_CONFIRM3_PARAMS = procedure(307, 'DOMAIN_MIGRATE_CONFIRM3_PARAMS', confirmArgs, nothing);
const maxDowntimeArgs = struct({ domain: domainCodec, downtimeMs: uint64, flags: uint32 });
export const DOMAIN_MIGRATE_SET_MAX_DOWNTIME = procedure(
  166,
  'DOMAIN_MIGRATE_SET_MAX_DOWNTIME',
  maxDowntimeArgs,
  nothing,
);
export const DOMAIN_MIGRATE_START_POST_COPY = procedure(364, 'DOMAIN_MIGRATE_START_POST_COPY', domainAndFlags, nothing);

export const STORAGE_POOL_CREATE_XML = procedure(76, 'STORAGE_POOL_CREATE_XML', xmlAndFlags, storagePoolCodec);
export const STORAGE_POOL_DEFINE_XML = procedure(77, 'STORAGE_POOL_DEFINE_XML', xmlAndFlags, storagePoolCodec);
/** Removes what the pool lies on: for a directory pool, the empty directory. */
export const STORAGE_POOL_DELETE = procedure(81, 'STORAGE_POOL_DELETE', poolAndFlags, nothing);
export const STORAGE_POOL_UNDEFINE = procedure(82, 'STORAGE_POOL_UNDEFINE', onlyPool, nothing);
export const STORAGE_POOL_DESTROY = procedure(80, 'STORAGE_POOL_DESTROY', onlyPool, nothing);
export const STORAGE_POOL_LOOKUP_BY_NAME = procedure(84, 'STORAGE_POOL_LOOKUP_BY_NAME', onlyName, storagePoolCodec);
const onlyPath = struct({ path: text });
export const STORAGE_POOL_LOOKUP_BY_TARGET_PATH = procedure(
  391,
  'STORAGE_POOL_LOOKUP_BY_TARGET_PATH',
  onlyPath,
  storagePoolCodec,
);
export const STORAGE_POOL_REFRESH = procedure(83, 'STORAGE_POOL_REFRESH', poolAndFlags, nothing);
/** Sizes in bytes; `state` is virStoragePoolState. */
const poolInfo = struct({ state: uint32, capacity: uint64, allocation: uint64, available: uint64 });
export const STORAGE_POOL_GET_INFO = procedure(87, 'STORAGE_POOL_GET_INFO', onlyPool, poolInfo);
export const STORAGE_POOL_GET_XML_DESC = procedure(88, 'STORAGE_POOL_GET_XML_DESC', poolAndFlags, text);
const volumes = listing(storageVolumeCodec);
export const STORAGE_POOL_LIST_ALL_VOLUMES = procedure(282, 'STORAGE_POOL_LIST_ALL_VOLUMES', poolListing, volumes);
const pools = listing(storagePoolCodec);
export const CONNECT_LIST_ALL_STORAGE_POOLS = procedure(281, 'CONNECT_LIST_ALL_STORAGE_POOLS', listingFlags, pools);

const volumeCreate = struct({ pool: storagePoolCodec, xml: text, flags: uint32 });
export const STORAGE_VOL_CREATE_XML = procedure(93, 'STORAGE_VOL_CREATE_XML', volumeCreate, storageVolumeCodec);
export const STORAGE_VOL_DELETE = procedure(94, 'STORAGE_VOL_DELETE', volumeAndFlags, nothing);
const poolAndName = struct({ pool: storagePoolCodec, name: text });
export const STORAGE_VOL_LOOKUP_BY_NAME = procedure(95, 'STORAGE_VOL_LOOKUP_BY_NAME', poolAndName, storageVolumeCodec);
/** Sizes in bytes; `type` is virStorageVolType. */
const volumeInfo = struct({ type: int32, capacity: uint64, allocation: uint64 });
export const STORAGE_VOL_GET_INFO = procedure(98, 'STORAGE_VOL_GET_INFO', onlyVolume, volumeInfo);
export const STORAGE_VOL_GET_XML_DESC = procedure(99, 'STORAGE_VOL_GET_XML_DESC', volumeAndFlags, text);
/** Starts a stream towards the server; length 0 means unbounded, so pass the exact length. */
export const STORAGE_VOL_UPLOAD = procedure(208, 'STORAGE_VOL_UPLOAD', volumeRange, nothing);
/** Starts a stream from the server; length 0 means up to the end. */
export const STORAGE_VOL_DOWNLOAD = procedure(209, 'STORAGE_VOL_DOWNLOAD', volumeRange, nothing);
const volumeResize = struct({ volume: storageVolumeCodec, capacity: uint64, flags: uint32 });
export const STORAGE_VOL_RESIZE = procedure(260, 'STORAGE_VOL_RESIZE', volumeResize, nothing);

const eventSubscription = struct({ eventId: int32, domain: optional(domainCodec) });
/** Answers the callback id that events carry from then on. */
export const CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY = procedure(
  316,
  'CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY',
  eventSubscription,
  int32,
);
export const CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY = procedure(
  317,
  'CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY',
  struct({ callbackId: int32 }),
  nothing,
);
