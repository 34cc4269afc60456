/** Longest string either side accepts, in bytes (REMOTE_STRING_MAX in libvirt's remote_protocol.x). */
export const STRING_BYTES_MAX = 4_194_304;
/** Largest message without its length word, in bytes (VIR_NET_MESSAGE_MAX in libvirt's virnetprotocol.x). */
export const MESSAGE_BYTES_MAX = 33_554_432;

const WRITER_INITIAL_BYTES = 256;
const ALIGNMENT_BYTES = 4;

/** Bytes that are not the XDR that was promised, or a value that cannot be written as XDR. */
export class XdrError extends Error {
  override readonly name = 'XdrError';
}

/** Appends XDR (RFC 4506) to one growing buffer that never exceeds `MESSAGE_BYTES_MAX`; throws XdrError when a value does not fit. */
export class XdrWriter {
  #bytes = Buffer.allocUnsafe(WRITER_INITIAL_BYTES);
  #length = 0;

  /** What was written so far, backed by the writer's own memory: do not write on while it is in use. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Leaves `count` bytes to be filled in later. */
  reserve(count: number): void {
    this.#claim(count);
  }

  int32(value: number): void {
    requireInteger(value, -0x8000_0000, 0x7fff_ffff);
    const offset = this.#claim(4);
    this.#bytes.writeInt32BE(value, offset);
  }

  uint32(value: number): void {
    requireInteger(value, 0, 0xffff_ffff);
    const offset = this.#claim(4);
    this.#bytes.writeUInt32BE(value, offset);
  }

  int64(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) throw new XdrError(`${value} does not fit a signed 64-bit integer`);
    const offset = this.#claim(8);
    this.#bytes.writeBigInt64BE(value, offset);
  }

  uint64(value: bigint): void {
    if (BigInt.asUintN(64, value) !== value) throw new XdrError(`${value} does not fit an unsigned 64-bit integer`);
    const offset = this.#claim(8);
    this.#bytes.writeBigUInt64BE(value, offset);
  }

  float64(value: number): void {
    const offset = this.#claim(8);
    this.#bytes.writeDoubleBE(value, offset);
  }

  /** Bytes without a length, padded to four. */
  fixedOpaque(value: Uint8Array): void {
    const padding = paddingOf(value.length);
    const offset = this.#claim(value.length + padding);
    this.#bytes.set(value, offset);
    this.#bytes.fill(0, offset + value.length, offset + value.length + padding);
  }

  /** Bytes behind their length; at most `bytesMax` of them. */
  opaque(value: Uint8Array, bytesMax: number): void {
    this.count(value.length, bytesMax);
    this.fixedOpaque(value);
  }

  /** UTF-8 text. A NUL is refused: the C side would silently see a shorter string. */
  string(value: string, bytesMax: number = STRING_BYTES_MAX): void {
    if (value.includes('\0')) throw new XdrError('a string contains a NUL character');
    this.opaque(Buffer.from(value, 'utf8'), bytesMax);
  }

  /** The length of what follows. */
  count(value: number, max: number): void {
    if (value > max) throw new XdrError(`${value} elements or bytes exceed the maximum of ${max}`);
    this.uint32(value);
  }

  #claim(count: number): number {
    const offset = this.#length;
    const needed = offset + count;
    if (needed > MESSAGE_BYTES_MAX) throw new XdrError(`the message exceeds ${MESSAGE_BYTES_MAX} bytes`);
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, offset);
      this.#bytes = larger;
    }
    this.#length = needed;
    return offset;
  }
}

/** Reads XDR from a buffer of known length; every length is checked against what remains before it is used. Throws XdrError. */
export class XdrReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8));
  }

  uint64(): bigint {
    return this.#bytes.readBigUInt64BE(this.#take(8));
  }

  float64(): number {
    return this.#bytes.readDoubleBE(this.#take(8));
  }

  /** A copy, so that a small value does not keep the frame it came in alive. */
  fixedOpaque(length: number): Uint8Array {
    const offset = this.#take(length + paddingOf(length));
    return new Uint8Array(this.#bytes.subarray(offset, offset + length));
  }

  opaque(bytesMax: number): Uint8Array {
    return this.fixedOpaque(this.count(bytesMax, 1));
  }

  string(bytesMax: number = STRING_BYTES_MAX): string {
    const length = this.count(bytesMax, 1);
    const offset = this.#take(length + paddingOf(length));
    return this.#bytes.toString('utf8', offset, offset + length);
  }

  /** A length that the rest of the message can hold, each element taking at least `elementBytesMin` bytes. */
  count(max: number, elementBytesMin: number): number {
    const value = this.uint32();
    if (value > max) throw new XdrError(`a length of ${value} exceeds the maximum of ${max}`);
    if (value * elementBytesMin > this.#remaining()) throw new XdrError(`a length of ${value} exceeds the message`);
    return value;
  }

  /** Bytes left over mean that the two sides disagree about the structure. */
  expectEnd(): void {
    if (this.#remaining() > 0) throw new XdrError(`${this.#remaining()} bytes follow the end of the structure`);
  }

  #remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  #take(count: number): number {
    if (count > this.#remaining()) throw new XdrError(`${count} bytes expected, ${this.#remaining()} left`);
    const offset = this.#offset;
    this.#offset += count;
    return offset;
  }
}

function paddingOf(length: number): number {
  return (ALIGNMENT_BYTES - (length % ALIGNMENT_BYTES)) % ALIGNMENT_BYTES;
}

function requireInteger(value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max)
    throw new XdrError(`${value} is not between ${min} and ${max}`);
}
