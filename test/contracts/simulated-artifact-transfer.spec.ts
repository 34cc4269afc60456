import { describe, expect, it } from 'vitest';
import {
  corruptOnWrite,
  diskFull,
  failAfter,
  failBefore,
  hostDown,
  notFound,
  truncated,
  unknownAfter,
} from '../../adapters/simulated/simulated-faults.ts';
import { instanceId } from '../../domain/shared/ids.ts';
import { artifactTransferContract, type TransferPair } from './artifact-transfer.contract.ts';
import { DESTINATION, simulatedPair, SOURCE } from './simulated-pair.fixture.ts';
import { storeArtifact } from '../support/store-artifact.ts';

const SERVER = instanceId('5b6d4a1e-0000-4000-8000-000000000001');
const FILE = 'kernel.rescue';

async function makePair(): Promise<TransferPair> {
  const pair = withDirectories();
  return { transfer: pair.transfer, hosts: [SOURCE, DESTINATION], instanceId: SERVER, dispose: async () => {} };
}

artifactTransferContract('simulated', makePair, { setUpMs: 5000, stageMs: 5000 });

function withDirectories() {
  const pair = simulatedPair();
  for (const host of [SOURCE, DESTINATION]) pair.cloud.createDirectory(pair.cloud.host(host), SERVER, null);
  const store = () => storeArtifact(pair.transfer, DESTINATION, SERVER, FILE, contentOf('the kernel'));
  return { ...pair, store, fileNames: () => [...(pair.cloud.files(DESTINATION, SERVER)?.keys() ?? [])] };
}

function contentOf(text: string) {
  const bytes = Buffer.from(text);
  return { sizeBytes: bytes.byteLength, sha256: null, bytes: whole(bytes) };
}

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

describe('a simulated transfer that goes wrong', () => {
  it('notices by reading back that the disk holds something else', async () => {
    for (const fault of [corruptOnWrite(), truncated()]) {
      const { faults, store } = withDirectories();
      faults.next(DESTINATION, 'write', fault);
      expect(await store()).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('differs') });
      expect(faults.unmet()).toBe(0);
    }
  });

  it('breaks off in the middle of reading', async () => {
    const { transfer, faults, store } = withDirectories();
    await store();
    faults.next(DESTINATION, 'open', truncated());
    const opened = await transfer.open(DESTINATION, SERVER, FILE);
    if (opened.answer !== 'found') throw new Error(opened.answer);
    expect(await storeArtifact(transfer, SOURCE, SERVER, FILE, opened.content)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('broke off'),
    });
  });

  it('answers what the script says, and the effect is what the script says', async () => {
    const { transfer, faults, store, fileNames } = withDirectories();
    faults.next(DESTINATION, 'write', failBefore('refused'));
    expect(await store()).toEqual({ outcome: 'failed', reason: 'refused' });
    expect(fileNames()).toEqual([]);
    faults.next('*', 'write', unknownAfter());
    expect(await store()).toMatchObject({ outcome: 'unknown' });
    expect(fileNames()).toEqual([FILE]);
    faults.next('*', 'remove', failAfter('lost'));
    expect(await transfer.remove(DESTINATION, SERVER, FILE)).toEqual({ outcome: 'failed', reason: 'lost' });
    expect(fileNames()).toEqual([]);
  });

  it('tells a file that is not there from a host that does not answer', async () => {
    const { transfer, faults, store } = withDirectories();
    await store();
    faults.next(DESTINATION, 'open', notFound());
    expect(await transfer.open(DESTINATION, SERVER, FILE)).toEqual({ answer: 'notFound' });
    faults.next(DESTINATION, 'open', hostDown(DESTINATION));
    expect(await transfer.open(DESTINATION, SERVER, FILE)).toMatchObject({ answer: 'failed' });
  });

  it('fails on a full disk, and where the directory is gone', async () => {
    const { cloud, faults, store, fileNames } = withDirectories();
    faults.next(DESTINATION, 'write', diskFull(DESTINATION));
    expect(await store()).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('No space left') });
    expect(fileNames()).toEqual([]);
    cloud.host(DESTINATION).diskFull = false;
    cloud.removeDirectory(cloud.host(DESTINATION), SERVER);
    expect(await store()).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('No such file') });
    expect(cloud.files(DESTINATION, SERVER)).toBeNull();
  });
});
