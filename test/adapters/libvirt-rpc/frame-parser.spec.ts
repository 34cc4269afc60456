import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { FrameParser } from '../../../adapters/libvirt/rpc/frame-parser.ts';

interface Frame {
  readonly serial: number;
  readonly stream: boolean;
  readonly payload: Buffer;
}

function wire({ serial, stream, payload }: Frame): Buffer {
  const header = Buffer.alloc(28);
  const words = [28 + payload.length, 0x2000_8086, 1, 14, stream ? 3 : 1, serial, stream ? 2 : 0];
  for (const [index, word] of words.entries()) header.writeUInt32BE(word, index * 4);
  return Buffer.concat([header, payload]);
}

function parse(chunks: readonly Buffer[]): { readonly seen: Map<number, Buffer>; readonly violation: string | null } {
  const seen = new Map<number, Buffer>();
  const add = (serial: number, bytes: Buffer): Map<number, Buffer> =>
    seen.set(serial, Buffer.concat([seen.get(serial) ?? Buffer.alloc(0), bytes]));
  const parser = new FrameParser({
    frame: ({ serial }, payload) => add(serial, payload),
    streamBytes: ({ serial }, bytes) => add(serial, bytes),
  });
  for (const chunk of chunks) {
    const violation = parser.push(chunk);
    if (violation !== null) return { seen, violation };
  }
  return { seen, violation: null };
}

const anyFrames = fc
  .array(fc.record({ stream: fc.boolean(), payload: fc.uint8Array({ maxLength: 300 }) }), {
    minLength: 1,
    maxLength: 8,
  })
  .map((frames) => frames.map(({ stream, payload }, serial) => ({ serial, stream, payload: Buffer.from(payload) })));

describe('cutting a byte stream into frames', () => {
  it('property: however the bytes are cut, every frame arrives whole and in order', () => {
    fc.assert(
      fc.property(anyFrames, fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }), (frames, sizes) => {
        const bytes = Buffer.concat(frames.map(wire));
        const chunks: Buffer[] = [];
        for (let offset = 0, turn = 0; offset < bytes.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          chunks.push(bytes.subarray(offset, offset + size));
          offset += size;
        }
        const { seen, violation } = parse(chunks);
        expect(violation).toBeNull();
        expect([...seen]).toEqual(frames.map(({ serial, payload }) => [serial, payload]));
      }),
    );
  });

  it.each([
    ['a length below the header', { word: 0, value: 27 }],
    ['a length above 32 MiB', { word: 0, value: 33_554_437 }],
    ['another program', { word: 1, value: 0x2000_8088 }],
    ['an event of the QEMU program, which nobody asked for', { word: 1, value: 0x2000_8087, type: 2 }],
    ['another version', { word: 2, value: 2 }],
    ['a call, which only clients send', { word: 4, value: 0 }],
    ['a sparse hole without a length', { word: 4, value: 6 }],
    ['a reply with file descriptors, which nobody asked for', { word: 4, value: 5 }],
    ['an unknown status', { word: 6, value: 3 }],
  ])('refuses %s', (_what, { word, value, type = 1 }: { word: number; value: number; type?: number }) => {
    const bytes = wire({ serial: 1, stream: false, payload: Buffer.alloc(0) });
    bytes.writeUInt32BE(type, 16);
    bytes.writeUInt32BE(value, word * 4);
    expect(parse([bytes]).violation).not.toBeNull();
  });

  it('property: random bytes never make it throw', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 100 })),
        (chunks) => void parse(chunks.map((one) => Buffer.from(one))),
      ),
    );
  });
});
