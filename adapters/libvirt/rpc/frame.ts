import type { Codec } from './codec.ts';
import { MESSAGE_BYTES_MAX, XdrWriter } from './xdr.ts';

/** The programs of libvirt's protocol files; each is at version 1. */
export const REMOTE_PROGRAM = 0x2000_8086;
/** What only the QEMU driver offers (qemu_protocol.x). */
export const QEMU_PROGRAM = 0x2000_8087;
export const KEEPALIVE_PROGRAM = 0x6b65_6570;
const PROGRAMS: readonly number[] = [REMOTE_PROGRAM, QEMU_PROGRAM, KEEPALIVE_PROGRAM];
const PROTOCOL_VERSION = 1;

const LENGTH_WORD_BYTES = 4;
/** Length word, program, version, procedure, type, serial, status. */
export const FRAME_HEADER_BYTES = 28;
/** Where the serial stands, for frames that are encoded before they get one. */
export const FRAME_SERIAL_OFFSET = 20;

export const FRAME_TYPE = { call: 0, reply: 1, message: 2, stream: 3, hole: 6 } as const;
/** Length and flags (virNetStreamHole). */
const HOLE_PAYLOAD_BYTES = 12;
const TYPES_FROM_SERVER: readonly number[] = [FRAME_TYPE.reply, FRAME_TYPE.message, FRAME_TYPE.stream, FRAME_TYPE.hole];
export const FRAME_STATUS = { ok: 0, error: 1, continue: 2 } as const;

export interface FrameHeader {
  readonly program: number;
  readonly procedure: number;
  readonly type: number;
  readonly serial: number;
  readonly status: number;
}

export interface ReceivedHeader extends FrameHeader {
  readonly payloadBytes: number;
}

/** Writes a header into the first `FRAME_HEADER_BYTES` of `target`. */
export function writeFrameHeader(target: Buffer, header: FrameHeader, payloadBytes: number): void {
  target.writeUInt32BE(FRAME_HEADER_BYTES + payloadBytes, 0);
  target.writeUInt32BE(header.program, 4);
  target.writeUInt32BE(PROTOCOL_VERSION, 8);
  target.writeInt32BE(header.procedure, 12);
  target.writeUInt32BE(header.type, 16);
  target.writeUInt32BE(header.serial, FRAME_SERIAL_OFFSET);
  target.writeUInt32BE(header.status, 24);
}

/** A frame without payload, or the header of one whose payload is written separately. */
export function frameHeader(header: FrameHeader, payloadBytes = 0): Buffer {
  const target = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
  writeFrameHeader(target, header, payloadBytes);
  return target;
}

/** Header and XDR payload in one buffer; throws XdrError when the value cannot be encoded within `MESSAGE_BYTES_MAX`. */
export function encodeFrame<Value>(header: FrameHeader, codec: Codec<Value>, value: Value): Buffer {
  const writer = new XdrWriter();
  writer.reserve(FRAME_HEADER_BYTES);
  codec.encode(writer, value);
  const frame = writer.bytes();
  writeFrameHeader(frame, header, frame.length - FRAME_HEADER_BYTES);
  return frame;
}

/**
 * The header at `offset`, or the reason why it cannot come from a libvirt server. Anything a server never sends is
 * refused here, before a byte of payload is buffered.
 */
export function decodeFrameHeader(bytes: Buffer, offset: number): ReceivedHeader | string {
  const length = bytes.readUInt32BE(offset);
  if (length < FRAME_HEADER_BYTES || length > MESSAGE_BYTES_MAX + LENGTH_WORD_BYTES) return `frame of ${length} bytes`;
  const header: ReceivedHeader = {
    program: bytes.readUInt32BE(offset + 4),
    procedure: bytes.readInt32BE(offset + 12),
    type: bytes.readUInt32BE(offset + 16),
    serial: bytes.readUInt32BE(offset + FRAME_SERIAL_OFFSET),
    status: bytes.readUInt32BE(offset + 24),
    payloadBytes: length - FRAME_HEADER_BYTES,
  };
  const version = bytes.readUInt32BE(offset + 8);
  if (version !== PROTOCOL_VERSION) return `protocol version ${version}`;
  return refusalOf(header) ?? header;
}

function refusalOf(header: ReceivedHeader): string | null {
  if (!PROGRAMS.includes(header.program)) return `program ${header.program}`;
  if (header.program === QEMU_PROGRAM && header.type !== FRAME_TYPE.reply)
    return 'unasked-for frame of the QEMU program';
  if (header.program === KEEPALIVE_PROGRAM && header.payloadBytes > 0) return 'keepalive frame with a payload';
  if (!TYPES_FROM_SERVER.includes(header.type)) return `frame of type ${header.type}`;
  if (header.type === FRAME_TYPE.hole && header.payloadBytes !== HOLE_PAYLOAD_BYTES) return 'a hole without a length';
  if (header.status > FRAME_STATUS.continue) return `frame of status ${header.status}`;
  return null;
}
