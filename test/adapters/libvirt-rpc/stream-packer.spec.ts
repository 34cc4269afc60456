import { describe, expect, it } from 'vitest';

import { STREAM_DATA_BYTES_MAX, StreamPacker } from '../../../adapters/libvirt/rpc/stream-packer.ts';

describe('packing chunks into frames', () => {
  it('joins small chunks into one piece, so that a frame of single bytes is still one buffer', () => {
    const packer = new StreamPacker();
    const full = Array.from({ length: STREAM_DATA_BYTES_MAX }, () => [...packer.add(Buffer.from([7]))]).flat();
    expect(full.map(({ pieces, bytes }) => [pieces.length, bytes])).toEqual([[1, STREAM_DATA_BYTES_MAX]]);
    expect(packer.rest()).toBeNull();
  });

  it('passes a large chunk on without copying it', () => {
    const chunk = Buffer.alloc(100_000, 1);
    const packer = new StreamPacker();
    expect([...packer.add(chunk)]).toEqual([]);
    expect(packer.rest()?.pieces.map(({ buffer }) => buffer === chunk.buffer)).toEqual([true]);
  });
});
