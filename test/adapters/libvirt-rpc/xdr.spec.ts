import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { list, opaque, optional, struct, text, uint64 } from '../../../adapters/libvirt/rpc/codec.ts';
import type { Codec } from '../../../adapters/libvirt/rpc/codec.ts';
import { serverErrorCodec } from '../../../adapters/libvirt/rpc/errors.ts';
import * as procedures from '../../../adapters/libvirt/rpc/procedures.ts';
import * as storageProcedures from '../../../adapters/libvirt/rpc/storage-procedures.ts';
import { domainCodec } from '../../../adapters/libvirt/rpc/remote-objects.ts';
import { typedParameterCodec } from '../../../adapters/libvirt/rpc/typed-parameter.ts';
import type { TypedParameter } from '../../../adapters/libvirt/rpc/typed-parameter.ts';
import { STRING_BYTES_MAX, XdrError, XdrReader, XdrWriter } from '../../../adapters/libvirt/rpc/xdr.ts';
import { xdr } from '../../support/libvirt-protocol-server.ts';

type Decodes<Value> = Pick<Codec<Value>, 'decode'>;

function decodeAll<Value>(codec: Decodes<Value>, bytes: Buffer): Value {
  const reader = new XdrReader(bytes);
  const value = codec.decode(reader);
  reader.expectEnd();
  return value;
}

/** Decoded values are ordinary objects, and the comparison is strict. */
const PLAIN = { noNullPrototype: true };

const anyText = fc.string({ unit: 'binary', maxLength: 40 }).map((value) => value.replaceAll('\0', ''));
const anyDomain = fc.record({ name: anyText, uuid: fc.uuid(), id: fc.integer({ min: -1, max: 0x7fff_ffff }) }, PLAIN);
const anyParameter: fc.Arbitrary<TypedParameter> = fc.oneof(
  fc.record({ field: anyText, type: fc.constant('int' as const), value: fc.integer() }, PLAIN),
  fc.record({ field: anyText, type: fc.constant('uint' as const), value: fc.nat({ max: 0xffff_ffff }) }, PLAIN),
  fc.record({ field: anyText, type: fc.constant('double' as const), value: fc.double({ noNaN: true }) }, PLAIN),
  fc.record(
    {
      field: anyText,
      type: fc.constant('llong' as const),
      value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    },
    PLAIN,
  ),
  fc.record(
    {
      field: anyText,
      type: fc.constant('ullong' as const),
      value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    },
    PLAIN,
  ),
  fc.record({ field: anyText, type: fc.constant('boolean' as const), value: fc.boolean() }, PLAIN),
  fc.record({ field: anyText, type: fc.constant('string' as const), value: anyText }, PLAIN),
);

const sample = struct({
  domain: domainCodec,
  params: list(typedParameterCodec, 64),
  cookie: opaque(1_000),
  uri: optional(text),
  length: uint64,
});
const anySample = fc.record(
  {
    domain: anyDomain,
    params: fc.array(anyParameter, { maxLength: 64 }),
    cookie: fc.uint8Array({ maxLength: 100 }),
    uri: fc.option(anyText),
    length: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  },
  PLAIN,
);

const everyReplyCodec = [...Object.values(procedures), ...Object.values(storageProcedures)].flatMap((one) =>
  'reply' in one ? [one] : [],
);

describe('the bytes of the protocol', () => {
  it('writes a domain as its specification says: padded name, raw uuid, id', () => {
    const domain = { name: 'guest', uuid: '00112233-4455-6677-8899-aabbccddeeff', id: -1 };
    expect(xdr(domainCodec, domain).toString('hex')).toBe(
      ['00000005', '6775657374000000', '00112233445566778899aabbccddeeff', 'ffffffff'].join(''),
    );
  });

  it('writes a typed parameter as field, type number, value', () => {
    const parameter: TypedParameter = { field: 'bandwidth', type: 'ullong', value: 8n };
    expect(xdr(typedParameterCodec, parameter).toString('hex')).toBe(
      ['00000009', '62616e647769647468000000', '00000004', '0000000000000008'].join(''),
    );
  });

  it('reads the error a libvirt 9.0 daemon sends for an unknown domain', () => {
    const wire = Buffer.concat([
      Buffer.from('0000002a0000000a', 'hex'),
      Buffer.from('0000000100000010', 'hex'),
      Buffer.from('Domain not found'),
      Buffer.from('0000000200000000000000000000000000000000ffffffffffffffff00000000', 'hex'),
    ]);
    expect(decodeAll(serverErrorCodec, wire)).toEqual({
      kind: 'server',
      name: 'VIR_ERR_NO_DOMAIN',
      code: 42,
      domain: 10,
      level: 2,
      message: 'Domain not found',
      str1: null,
      str2: null,
      str3: null,
      int1: -1,
      int2: -1,
    });
  });

  it('spends four bytes on each character of a fixed array', () => {
    const reply = xdr(procedures.NODE_GET_INFO.reply, {
      model: 'x86_64',
      memoryKib: 1n,
      cpus: 2,
      mhz: 3,
      nodes: 1,
      sockets: 1,
      cores: 2,
      threads: 1,
    });
    expect(reply.length).toBe(32 * 4 + 8 + 6 * 4);
    expect(reply.subarray(0, 8).toString('hex')).toBe('0000007800000038');
  });

  it('asks for the list itself, not only its length', () => {
    expect(xdr(procedures.CONNECT_LIST_ALL_DOMAINS.args, { flags: 2 }).toString('hex')).toBe('0000000100000002');
  });

  it('numbers every procedure once', () => {
    const numbers = everyReplyCodec.map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers.length).toBeGreaterThan(50);
  });
});

describe('values that do not fit', () => {
  it.each([
    ['a number above 32 bits', () => new XdrWriter().uint32(0x1_0000_0000)],
    ['a fraction', () => new XdrWriter().int32(0.5)],
    ['a negative unsigned 64-bit number', () => new XdrWriter().uint64(-1n)],
    ['a signed 64-bit number of 2^63', () => new XdrWriter().int64(2n ** 63n)],
    ['a string with a NUL, which C would cut short', () => new XdrWriter().string('a\0b')],
    ['a string one byte too long', () => new XdrWriter().string('a'.repeat(STRING_BYTES_MAX + 1))],
    ['a uuid that is none', () => xdr(domainCodec, { name: 'a', uuid: 'x', id: 1 })],
    ['a list that is too long', () => xdr(list(text, 1), ['a', 'b'])],
  ])('refuses %s', (_what, write) => {
    expect(write).toThrow(XdrError);
  });

  it('refuses a message beyond 32 MiB although every part of it fits', () => {
    const writer = new XdrWriter();
    const part = 'a'.repeat(STRING_BYTES_MAX);
    for (let count = 0; count < 7; count += 1) writer.string(part);
    expect(() => writer.string(part)).toThrow(XdrError);
  });
});

describe('hostile bytes', () => {
  it.each([
    ['a string longer than the message', text, '0000ffff'],
    ['a string longer than the protocol allows', text, 'ffffffff'],
    ['a list that claims more elements than bytes', list(text, 16_384), '00003fff00000000'],
    ['a list that claims more elements than allowed', list(text, 1), '000000020000000000000000'],
    ['a typed parameter of unknown type', typedParameterCodec, '000000000000000900000000'],
    ['bytes behind the end', text, '0000000000000000'],
  ])('refuses %s', (_what, codec: Decodes<unknown>, hex) => {
    expect(() => decodeAll(codec, Buffer.from(hex, 'hex'))).toThrow(XdrError);
  });

  it('property: any bytes either decode or are refused with XdrError, for every reply of every procedure', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat({ max: everyReplyCodec.length - 1 }), (bytes, index) => {
        const codec: Decodes<unknown> | undefined = everyReplyCodec[index]?.reply;
        try {
          codec?.decode(new XdrReader(Buffer.from(bytes)));
        } catch (error) {
          expect(error).toBeInstanceOf(XdrError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a length that the message cannot hold', () => {
  it('is refused before any element is read', () => {
    const reader = new XdrReader(Buffer.from('000000030000000000000000', 'hex'));
    expect(() => reader.count(16_384, 4)).toThrow(XdrError);
  });
});

describe('round trips', () => {
  it('property: what was written is read back', () => {
    fc.assert(
      fc.property(anySample, (value) => {
        expect(decodeAll(sample, xdr(sample, value))).toStrictEqual(value);
      }),
    );
  });

  it('property: a message cut anywhere is refused', () => {
    fc.assert(
      fc.property(anySample, fc.double({ min: 0, max: 0.999, noNaN: true }), (value, share) => {
        const bytes = xdr(sample, value);
        const cut = bytes.subarray(0, Math.floor(bytes.length * share));
        expect(() => decodeAll(sample, cut)).toThrow(XdrError);
      }),
    );
  });
});
