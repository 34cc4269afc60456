import type { CallResult } from './call-result.ts';
import { serverErrorCodec } from './errors.ts';
import { encodeFrame, FRAME_STATUS, FRAME_TYPE } from './frame.ts';
import type { Procedure } from './procedures.ts';
import type { RequestEnd } from './request-slots.ts';
import { XdrError, XdrReader } from './xdr.ts';

/** A reply that contradicts its procedure's structure: the call has ended, and the connection cannot be trusted any more. */
export interface MalformedReply {
  readonly outcome: 'malformed';
  readonly reason: string;
}

/** The frame of a call, its serial still 0; or how the call ended because its arguments cannot be put on the wire. */
export function encodeCall<Args>(
  procedure: Pick<Procedure<Args, never>, 'program' | 'number' | 'args'>,
  args: Args,
): Buffer | RequestEnd {
  const { program, number } = procedure;
  const header = { program, procedure: number, type: FRAME_TYPE.call, serial: 0 };
  try {
    return encodeFrame({ ...header, status: FRAME_STATUS.ok }, procedure.args, args);
  } catch (error) {
    if (!(error instanceof XdrError)) throw error;
    return { kind: 'notSent', error: { kind: 'notSent', name: 'ARGUMENTS_INVALID', message: error.message } };
  }
}

/** What the caller is told. */
export function decodeEnd<Reply>(
  { name, reply }: Pick<Procedure<never, Reply>, 'name' | 'reply'>,
  end: RequestEnd,
): CallResult<Reply> | MalformedReply {
  if (end.kind === 'unknown') return { outcome: 'unknown', reason: end.reason };
  if (end.kind === 'notSent') return { outcome: 'failed', error: end.error };
  try {
    const reader = new XdrReader(end.payload);
    if (end.status === FRAME_STATUS.error) return { outcome: 'failed', error: serverErrorCodec.decode(reader) };
    const value = reply.decode(reader);
    reader.expectEnd();
    return { outcome: 'succeeded', value };
  } catch (error) {
    if (!(error instanceof XdrError)) throw error;
    return { outcome: 'malformed', reason: `malformed reply to ${name}: ${error.message}` };
  }
}
