import { FRAME_TYPE, type ReceivedHeader } from './frame.ts';
import { XdrReader } from './xdr.ts';
import { struct, uint32, uint64 } from './codec.ts';

/** virNetStreamHole: a stretch of a sparse file that reads as zeros and is not sent. */
export const streamHoleCodec = struct({ length: uint64, flags: uint32 });

/** What a frame means to a stream; `data` comes in parts as it arrives, the others are whole. */
export type StreamFrame =
  | { readonly kind: 'data'; readonly payload: Buffer }
  | { readonly kind: 'control'; readonly payload: Buffer; readonly status: number }
  | { readonly kind: 'hole'; readonly payload: Buffer; readonly bytes: number };

/** A whole stream frame; throws XdrError for a hole that is malformed. */
export function streamFrameOf({ type, status }: ReceivedHeader, payload: Buffer): StreamFrame {
  if (type !== FRAME_TYPE.hole) return { kind: 'control', payload, status };
  return { kind: 'hole', payload, bytes: Number(streamHoleCodec.decode(new XdrReader(payload)).length) };
}

/** Shorter runs of zeros are sent as they are: a hole costs a frame, and a file system keeps whole blocks. */
export const HOLE_BYTES_MIN = 16_384;

/** What a hole is read as, in pieces of this size; nobody writes into it. */
export const ZEROS = Buffer.alloc(1_048_576);

/** The offset behind the zeros that begin at `offset`, in steps of `HOLE_BYTES_MIN`; `offset` itself when there are none. */
export function zerosUntil(bytes: Uint8Array, offset: number): number {
  let end = offset;
  while (end < bytes.length && zerosAt(bytes, end)) end = Math.min(bytes.length, end + HOLE_BYTES_MIN);
  return end;
}

/** The offset behind the bytes that begin at `offset` and are worth sending. */
export function dataUntil(bytes: Uint8Array, offset: number): number {
  let end = offset;
  while (end < bytes.length && !zerosAt(bytes, end)) end = Math.min(bytes.length, end + HOLE_BYTES_MIN);
  return end;
}

/** A last piece that is shorter than `HOLE_BYTES_MIN` counts too. */
function zerosAt(bytes: Uint8Array, offset: number): boolean {
  const part = bytes.subarray(offset, offset + HOLE_BYTES_MIN);
  return ZEROS.compare(part, 0, part.length, 0, part.length) === 0;
}
