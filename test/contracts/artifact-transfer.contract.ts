import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArtifactContent, ArtifactTransfer } from '../../application/ports/artifact-transfer.ts';
import type { ArtifactName } from '../../domain/migration/rescue-artifacts.ts';
import type { HostName, InstanceId } from '../../domain/shared/ids.ts';
import { refusalOf, twice, valueOf, type ContractTimeouts } from './hypervisor-driver.fixture.ts';
import { storeArtifact } from '../support/store-artifact.ts';

/** Two hosts that both have an empty directory for the server, made by whatever makes them there. */
export type TransferPair = {
  readonly transfer: ArtifactTransfer;
  readonly hosts: readonly [HostName, HostName];
  readonly instanceId: InstanceId;
  dispose(): Promise<void>;
};

type OpenTransferPair = () => TransferPair;

/** Around the chunk sizes in use (64 KiB, and libvirt's 262,120 bytes), an empty file, and XDR's padding to four. */
const SIZES_BYTES = [0, 1, 3, 65_536, 65_537, 262_120, 262_121, 1_000_003];

/** What every artifact transfer owes to the application. A failure must never look like a file that may be booted. */
export function artifactTransferContract(
  name: string,
  makePair: () => Promise<TransferPair>,
  timeouts: ContractTimeouts,
): void {
  describe(`artifact transfer contract: ${name}`, { timeout: timeouts.stageMs }, () => {
    let pair: TransferPair | null = null;
    beforeAll(async () => {
      pair = await makePair();
    }, timeouts.setUpMs);
    afterAll(async () => {
      await pair?.dispose();
    }, timeouts.setUpMs);
    const open = (): TransferPair => {
      if (pair === null) throw new Error('the pair of hosts is not up');
      return pair;
    };
    carriesBytes(open);
    replacesAndRemoves(open);
    refusesBadContent(open);
  });
}

function carriesBytes(open: OpenTransferPair): void {
  it('carries a file from one host to the other, whatever its size', async () => {
    const { transfer, hosts, instanceId } = open();
    for (const sizeBytes of SIZES_BYTES) {
      const bytes = patterned(sizeBytes, 'first');
      const stored = await storeArtifact(transfer, hosts[0], instanceId, 'kernel.rescue', contentOf(bytes));
      expect(valueOf(stored)).toEqual({ bytes: sizeBytes, sha256: sha256(bytes) });
      const relayed = await transfer.open(hosts[0], instanceId, 'kernel.rescue');
      if (relayed.answer !== 'found') throw new Error(`kernel.rescue: ${relayed.answer}`);
      expect(relayed.content.sizeBytes).toBe(sizeBytes);
      const arrived = await storeArtifact(transfer, hosts[1], instanceId, 'kernel.rescue', relayed.content);
      expect(valueOf(arrived)).toEqual(valueOf(stored));
      expect(await readBack(open(), hosts[1], 'kernel.rescue')).toEqual(bytes);
    }
  });

  it('takes content whose hash nobody knows, and tells it', async () => {
    const { transfer, hosts, instanceId } = open();
    const bytes = patterned(5000, 'unknown hash');
    const stored = await storeArtifact(transfer, hosts[0], instanceId, 'ramdisk', {
      ...contentOf(bytes),
      sha256: null,
    });
    expect(valueOf(stored)).toEqual({ bytes: 5000, sha256: sha256(bytes) });
  });

  it('does not find what was never stored, and keeps hosts and names apart', async () => {
    const { transfer, hosts, instanceId } = open();
    valueOf(await storeArtifact(transfer, hosts[0], instanceId, 'unrescue.xml', contentOf(Buffer.from('<domain/>'))));
    expect(await transfer.open(hosts[1], instanceId, 'unrescue.xml')).toEqual({ answer: 'notFound' });
    expect(await transfer.open(hosts[0], instanceId, 'kernel')).toEqual({ answer: 'notFound' });
  });
}

function replacesAndRemoves(open: OpenTransferPair): void {
  it('replaces a longer file by a shorter one as a whole', async () => {
    const { transfer, hosts, instanceId } = open();
    valueOf(await storeArtifact(transfer, hosts[0], instanceId, 'kernel', contentOf(patterned(9000, 'old'))));
    const short = patterned(100, 'new');
    valueOf(await storeArtifact(transfer, hosts[0], instanceId, 'kernel', contentOf(short)));
    expect(await readBack(open(), hosts[0], 'kernel')).toEqual(short);
  });

  it('removes a file, and one that is not there', async () => {
    const { transfer, hosts, instanceId } = open();
    valueOf(await storeArtifact(transfer, hosts[0], instanceId, 'kernel', contentOf(patterned(100, 'removed'))));
    await twice(() => transfer.remove(hosts[0], instanceId, 'kernel'));
    expect(await transfer.open(hosts[0], instanceId, 'kernel')).toEqual({ answer: 'notFound' });
  });
}

function refusesBadContent(open: OpenTransferPair): void {
  const good = patterned(70_000, 'good');
  const bad: readonly (readonly [string, ArtifactContent])[] = [
    ['has another hash than was said', { ...contentOf(good), sha256: sha256(patterned(70_000, 'other')) }],
    ['is shorter than was said', { ...contentOf(good), sizeBytes: 70_001, sha256: null }],
    ['is longer than was said', { ...contentOf(good), sizeBytes: 69_999, sha256: null }],
    ['breaks off', { ...contentOf(good), bytes: breakingOff(good) }],
    ['breaks off after the last byte', { ...contentOf(good), bytes: breakingOff(good, good.byteLength) }],
  ];
  it.each(bad)('tells when the content %s, and does not leave the old file', async (_how, content) => {
    const { transfer, hosts, instanceId } = open();
    valueOf(await storeArtifact(transfer, hosts[1], instanceId, 'ramdisk.rescue', contentOf(patterned(10, 'old'))));
    const written = await transfer.write(hosts[1], instanceId, 'ramdisk.rescue', content);
    if (written.outcome === 'succeeded') {
      refusalOf(await transfer.readBack(hosts[1], instanceId, 'ramdisk.rescue', written.value));
    } else {
      expect(await transfer.open(hosts[1], instanceId, 'ramdisk.rescue')).toEqual({ answer: 'notFound' });
    }
    valueOf(await storeArtifact(transfer, hosts[1], instanceId, 'ramdisk.rescue', contentOf(good)));
    expect(await readBack(open(), hosts[1], 'ramdisk.rescue')).toEqual(good);
  });
}

async function readBack({ transfer, instanceId }: TransferPair, host: HostName, name: ArtifactName): Promise<Buffer> {
  const opened = await transfer.open(host, instanceId, name);
  if (opened.answer !== 'found') throw new Error(`${name} on ${host}: ${opened.answer}`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of opened.content.bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Bytes in which a lost, repeated or misplaced chunk shows. */
function patterned(sizeBytes: number, seed: string): Buffer {
  const blocks: Buffer[] = [];
  for (let index = 0; index * 32 < sizeBytes; index += 1) {
    blocks.push(createHash('sha256').update(`${seed} ${index}`).digest());
  }
  return Buffer.concat(blocks).subarray(0, sizeBytes);
}

function contentOf(bytes: Buffer): ArtifactContent {
  return { sizeBytes: bytes.byteLength, sha256: sha256(bytes), bytes: inChunks(bytes) };
}

async function* inChunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  const chunkBytes = 10_000;
  for (let offset = 0; offset < bytes.byteLength; offset += chunkBytes) {
    yield bytes.subarray(offset, offset + chunkBytes);
  }
}

async function* breakingOff(bytes: Buffer, afterBytes = 30_000): AsyncGenerator<Uint8Array> {
  yield* inChunks(bytes.subarray(0, afterBytes));
  throw new Error('the connection broke');
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
