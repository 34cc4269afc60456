import { STRING_BYTES_MAX } from './xdr.ts';
import type { XdrReader, XdrWriter } from './xdr.ts';

/** Both directions of one XDR type. `encode` and `decode` throw XdrError. */
export interface Codec<Value> {
  readonly encode: (writer: XdrWriter, value: Value) => void;
  readonly decode: (reader: XdrReader) => Value;
}

/** The smallest thing XDR can hold takes four bytes, so a list cannot have more elements than a quarter of its message. */
const ELEMENT_BYTES_MIN = 4;

/** No bytes at all: procedures without arguments or without an answer. */
export const nothing: Codec<null> = { encode: () => {}, decode: () => null };

export const int32: Codec<number> = {
  encode: (writer, value) => writer.int32(value),
  decode: (reader) => reader.int32(),
};

export const uint32: Codec<number> = {
  encode: (writer, value) => writer.uint32(value),
  decode: (reader) => reader.uint32(),
};

export const uint64: Codec<bigint> = {
  encode: (writer, value) => writer.uint64(value),
  decode: (reader) => reader.uint64(),
};

/** libvirt's `int` used as a truth value: any number but 0 is true. */
export const flag: Codec<boolean> = {
  encode: (writer, value) => writer.int32(value ? 1 : 0),
  decode: (reader) => reader.int32() !== 0,
};

export const text: Codec<string> = {
  encode: (writer, value) => writer.string(value, STRING_BYTES_MAX),
  decode: (reader) => reader.string(STRING_BYTES_MAX),
};

/** Variable-length bytes, at most `bytesMax`. */
export function opaque(bytesMax: number): Codec<Uint8Array> {
  return { encode: (writer, value) => writer.opaque(value, bytesMax), decode: (reader) => reader.opaque(bytesMax) };
}

/** `char name[length]`: XDR spends four bytes on every character; the text ends at the first NUL. */
export function characters(length: number): Codec<string> {
  return {
    encode: (writer, value) => {
      const bytes = Buffer.alloc(length);
      bytes.write(value, 0, length - 1, 'utf8');
      for (const byte of bytes) writer.int32(byte);
    },
    decode: (reader) => {
      const bytes = Buffer.from(Array.from({ length }, () => reader.int32() & 0xff));
      const end = bytes.indexOf(0);
      return bytes.toString('utf8', 0, end < 0 ? length : end);
    },
  };
}

/** A pointer of the protocol: absent or one value. */
export function optional<Value>(codec: Codec<Value>): Codec<Value | null> {
  return {
    encode: (writer, value) => {
      writer.uint32(value === null ? 0 : 1);
      if (value !== null) codec.encode(writer, value);
    },
    decode: (reader) => (reader.uint32() === 0 ? null : codec.decode(reader)),
  };
}

/** A list of at most `countMax` elements. */
export function list<Value>(codec: Codec<Value>, countMax: number): Codec<readonly Value[]> {
  return {
    encode: (writer, values) => {
      writer.count(values.length, countMax);
      for (const value of values) codec.encode(writer, value);
    },
    decode: (reader) => Array.from({ length: reader.count(countMax, ELEMENT_BYTES_MIN) }, () => codec.decode(reader)),
  };
}

/** Fields one after another, in the order in which they are written here. */
export function struct<Value extends object>(fields: {
  readonly [Key in keyof Value]: Codec<Value[Key]>;
}): Codec<Readonly<Value>> {
  const names: (keyof Value)[] = [];
  for (const name in fields) names.push(name);
  return {
    encode: (writer, value) => {
      for (const name of names) fields[name].encode(writer, value[name]);
    },
    decode: (reader) => {
      const value: Partial<Value> = {};
      for (const name of names) value[name] = fields[name].decode(reader);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the loop has just assigned every field of Value
      return value as Value;
    },
  };
}

/** A structure of which only one field is of interest: a list answer repeats its length, an argument is always the same. */
export function mapped<Wire, Value>(
  codec: Codec<Wire>,
  mapping: { readonly toWire: (value: Value) => Wire; readonly fromWire: (wire: Wire) => Value },
): Codec<Value> {
  return {
    encode: (writer, value) => codec.encode(writer, mapping.toWire(value)),
    decode: (reader) => mapping.fromWire(codec.decode(reader)),
  };
}
