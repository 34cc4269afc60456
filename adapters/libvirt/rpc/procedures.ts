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
import { domainCodec, uuidCodec } from './remote-objects.ts';
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

export const onlyName = struct({ name: text });
const onlyDomain = struct({ domain: domainCodec });
const domainAndFlags = struct({ domain: domainCodec, flags: uint32 });
export const xmlAndFlags = struct({ xml: text, flags: uint32 });

/** A procedure of the remote program. */
export function procedure<Args, Reply>(
  number: number,
  name: string,
  args: Codec<Args>,
  reply: Codec<Reply>,
): Procedure<Args, Reply> {
  return { program: REMOTE_PROGRAM, number, name, args, reply };
}

/** The wire asks whether the list itself is wanted, or only its length; Lifeboat always wants it. */
export const listingFlags = mapped(struct({ needResults: flag, flags: uint32 }), {
  toWire: ({ flags }: { readonly flags: number }) => ({ needResults: true, flags }),
  fromWire: ({ flags }) => ({ flags }),
});

/** A list answer repeats its length behind the list. */
export function listing<Value>(codec: Codec<Value>): Codec<readonly Value[]> {
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
const hypervisorCpu = struct({
  emulator: optional(text),
  arch: optional(text),
  machine: optional(text),
  virtType: optional(text),
  xmlCpu: text,
  flags: uint32,
});
/** As CONNECT_COMPARE_CPU, but of what the emulator can give instead of what the host has. */
export const CONNECT_COMPARE_HYPERVISOR_CPU = procedure(393, 'CONNECT_COMPARE_HYPERVISOR_CPU', hypervisorCpu, int32);
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
