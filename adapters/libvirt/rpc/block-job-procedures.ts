import { flag, int32, list, nothing, struct, text, uint32, uint64 } from './codec.ts';
import { procedure } from './procedures.ts';
import { domainCodec } from './remote-objects.ts';
import { typedParameterCodec } from './typed-parameter.ts';

/** remote_protocol.x. */
const BLOCK_COPY_PARAMETERS_MAX = 16;

const diskAndFlags = struct({ domain: domainCodec, disk: text, flags: uint32 });

export const DOMAIN_BLOCK_JOB_ABORT = procedure(237, 'DOMAIN_BLOCK_JOB_ABORT', diskAndFlags, nothing);

const blockJobInfo = struct({ found: flag, type: int32, bandwidth: uint64, current: uint64, end: uint64 });
/** `current` is `end` only when both disks are the same. */
export const DOMAIN_GET_BLOCK_JOB_INFO = procedure(238, 'DOMAIN_GET_BLOCK_JOB_INFO', diskAndFlags, blockJobInfo);

const blockCopy = struct({
  domain: domainCodec,
  disk: text,
  /** The copy as a `<disk>`. */
  destination: text,
  parameters: list(typedParameterCodec, BLOCK_COPY_PARAMETERS_MAX),
  flags: uint32,
});
export const DOMAIN_BLOCK_COPY = procedure(345, 'DOMAIN_BLOCK_COPY', blockCopy, nothing);
