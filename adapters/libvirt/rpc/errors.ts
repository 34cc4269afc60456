import { int32, optional, struct, text } from './codec.ts';
import type { Codec } from './codec.ts';
import { domainCodec, storagePoolCodec } from './remote-objects.ts';

/** The codes of libvirt's virterror.h that a compute host's answers are recognised by. */
export const LIBVIRT_ERROR_NAMES = {
  1: 'VIR_ERR_INTERNAL_ERROR',
  2: 'VIR_ERR_NO_MEMORY',
  3: 'VIR_ERR_NO_SUPPORT',
  5: 'VIR_ERR_NO_CONNECT',
  6: 'VIR_ERR_INVALID_CONN',
  7: 'VIR_ERR_INVALID_DOMAIN',
  8: 'VIR_ERR_INVALID_ARG',
  9: 'VIR_ERR_OPERATION_FAILED',
  27: 'VIR_ERR_XML_ERROR',
  28: 'VIR_ERR_DOM_EXIST',
  29: 'VIR_ERR_OPERATION_DENIED',
  38: 'VIR_ERR_SYSTEM_ERROR',
  39: 'VIR_ERR_RPC',
  42: 'VIR_ERR_NO_DOMAIN',
  45: 'VIR_ERR_AUTH_FAILED',
  46: 'VIR_ERR_INVALID_STORAGE_POOL',
  47: 'VIR_ERR_INVALID_STORAGE_VOL',
  49: 'VIR_ERR_NO_STORAGE_POOL',
  50: 'VIR_ERR_NO_STORAGE_VOL',
  55: 'VIR_ERR_OPERATION_INVALID',
  67: 'VIR_ERR_CONFIG_UNSUPPORTED',
  68: 'VIR_ERR_OPERATION_TIMEOUT',
  69: 'VIR_ERR_MIGRATE_PERSIST_FAILED',
  73: 'VIR_ERR_INVALID_STREAM',
  74: 'VIR_ERR_ARGUMENT_UNSUPPORTED',
  75: 'VIR_ERR_STORAGE_PROBE_FAILED',
  76: 'VIR_ERR_STORAGE_POOL_BUILT',
  78: 'VIR_ERR_OPERATION_ABORTED',
  81: 'VIR_ERR_MIGRATE_UNSAFE',
  84: 'VIR_ERR_OPERATION_UNSUPPORTED',
  87: 'VIR_ERR_RESOURCE_BUSY',
  88: 'VIR_ERR_ACCESS_DENIED',
  90: 'VIR_ERR_STORAGE_VOL_EXIST',
  91: 'VIR_ERR_CPU_INCOMPATIBLE',
  92: 'VIR_ERR_XML_INVALID_SCHEMA',
  93: 'VIR_ERR_MIGRATE_FINISH_OK',
} as const satisfies Readonly<Record<number, `VIR_ERR_${string}`>>;

export type LibvirtErrorName = (typeof LIBVIRT_ERROR_NAMES)[keyof typeof LIBVIRT_ERROR_NAMES];

/** The server's own answer that it did not do what was asked. `name` is `VIR_ERR_UNLISTED` for codes Lifeboat does not tell apart. */
export interface LibvirtServerError {
  readonly kind: 'server';
  readonly name: LibvirtErrorName | 'VIR_ERR_UNLISTED';
  readonly code: number;
  readonly domain: number;
  readonly level: number;
  readonly message: string;
  readonly str1: string | null;
  readonly str2: string | null;
  readonly str3: string | null;
  readonly int1: number;
  readonly int2: number;
}

/** The request never left this process, so it certainly had no effect. */
export interface RequestNotSent {
  readonly kind: 'notSent';
  readonly name: 'CONNECTION_CLOSED' | 'QUEUE_FULL' | 'DEADLINE_BEFORE_SENDING' | 'ARGUMENTS_INVALID';
  readonly message: string;
}

/** A stream that this side gave up: what was already transferred stays where it is. */
export interface StreamAborted {
  readonly kind: 'aborted';
  readonly name: 'SOURCE_FAILED' | 'CONSUMER_STOPPED';
  readonly message: string;
}

export type LibvirtError = LibvirtServerError | RequestNotSent | StreamAborted;

const UNUSED_NETWORK = storagePoolCodec;

const wireErrorCodec = struct({
  code: int32,
  domain: int32,
  message: optional(text),
  level: int32,
  failedDomain: optional(domainCodec),
  str1: optional(text),
  str2: optional(text),
  str3: optional(text),
  int1: int32,
  int2: int32,
  failedNetwork: optional(UNUSED_NETWORK),
});

/** virNetMessageError; the two handles inside are unused by libvirt and dropped here. */
export const serverErrorCodec: Codec<LibvirtServerError> = {
  encode: (writer, { kind: _kind, name: _name, ...error }) =>
    wireErrorCodec.encode(writer, { ...error, failedDomain: null, failedNetwork: null }),
  decode: (reader) => {
    const { failedDomain: _domain, failedNetwork: _network, message, ...error } = wireErrorCodec.decode(reader);
    return { kind: 'server', name: nameOfCode(error.code), message: message ?? '', ...error };
  },
};

/** The name of a code, for recognising and for logging. */
export function nameOfCode(code: number): LibvirtServerError['name'] {
  const names: Readonly<Record<number, LibvirtErrorName>> = LIBVIRT_ERROR_NAMES;
  return names[code] ?? 'VIR_ERR_UNLISTED';
}
