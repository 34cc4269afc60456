import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeTemporaryDirectory } from '../lab/temporary-directory.ts';
import { contentDigest } from './directory-digests.ts';

const MIB = 1_048_576;

it('tells files apart by every byte, by where it stands, and by their length', async () => {
  const directory = makeTemporaryDirectory(join(tmpdir(), 'lb-digests-'));
  const digestOf = async (length: number, ...written: readonly (readonly [number, number])[]): Promise<string> => {
    const bytes = Buffer.alloc(length);
    for (const [offset, value] of written) bytes[offset] = value;
    const path = join(directory.path, crypto.randomUUID());
    writeFileSync(path, bytes);
    return contentDigest(path);
  };
  try {
    const digests = [
      await digestOf(0),
      await digestOf(1),
      await digestOf(2 * MIB),
      await digestOf(2 * MIB + 1),
      await digestOf(2 * MIB, [0, 1]),
      await digestOf(2 * MIB, [0, 2]),
      await digestOf(2 * MIB, [MIB, 1]),
      await digestOf(2 * MIB, [65_536, 1]),
      await digestOf(2 * MIB, [0, 1], [MIB, 1]),
      await digestOf(2 * MIB + 1, [2 * MIB, 1]),
    ];
    expect(new Set(digests).size).toBe(digests.length);
    expect(await digestOf(2 * MIB, [0, 1], [MIB, 1])).toBe(digests[8]);
  } finally {
    directory.remove();
  }
});
