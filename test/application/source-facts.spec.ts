import { describe, expect, it } from 'vitest';
import type { HypervisorDriver, SourceFacts } from '../../application/ports/hypervisor-driver.ts';
import { sourceFacts } from '../../application/source-facts.ts';
import type { BlockMigration } from '../../domain/instance/instance-events.ts';
import { succeeded } from '../../domain/shared/outcome.ts';
import { describeMigration } from '../contracts/hypervisor-driver.fixture.ts';
import { DESTINATION, guestOf, simulatedPair, SOURCE } from '../contracts/simulated-pair.fixture.ts';

const DISK = { fileName: 'disk', targetDevice: 'vda', format: 'raw', capacityBytes: 1 } as const;
const FILE = { name: 'disk.config', sizeBytes: 1, allocatedBytes: 1, inUse: true };
const POOLED = '/dev/servers/some_disk';

type Storage = {
  /** Of the source. */
  readonly facts: Partial<Pick<SourceFacts, 'disks' | 'pooledDisks'>>;
  readonly sharesDirectory?: boolean;
  readonly sharesDisks?: boolean;
};

const LOCAL: Storage = { facts: { disks: [DISK] } };
const POOLED_BY_BOTH: Storage = { facts: { pooledDisks: [POOLED] }, sharesDisks: true };
const POOLED_HERE: Storage = { facts: { pooledDisks: [POOLED] } };
const BOTH_KINDS: Storage = { facts: { disks: [DISK], pooledDisks: [POOLED] }, sharesDisks: true };

/** What has to go along, or the refusal. */
async function ask({ facts, sharesDirectory = false, sharesDisks = false }: Storage, blockMigration: BlockMigration) {
  const pair = simulatedPair();
  const found = { disks: [], pooledDisks: [], files: [FILE], sharedDirectory: false, memoryMiB: 1, definition: '' };
  const answers: Pick<HypervisorDriver, 'checkSource' | 'sharesDirectory' | 'sharesDisks'> = {
    checkSource: async () => succeeded({ ...found, ...facts }),
    sharesDirectory: async () => succeeded(sharesDirectory),
    sharesDisks: async () => succeeded(sharesDisks),
  };
  const source = Object.assign(pair.driver(SOURCE), answers);
  const description = { ...describeMigration(guestOf(pair.bootImages), true), blockMigration };
  const answer = await sourceFacts(source, pair.driver(DESTINATION), description);
  if (answer.outcome !== 'succeeded') return answer.reason;
  return [...answer.value.disks, ...answer.value.files].map((part) => ('name' in part ? part.name : part.fileName));
}

const NOT_LOCAL = `${SOURCE} is not on local storage: Block migration can not be used with shared storage.`;
const NOT_SHARED = `${SOURCE} is not on shared storage: `;

describe('what has to go along, with disks in a storage pool', () => {
  it('is the directory alone where both hosts reach them, and Nova’s words are kept to', async () => {
    expect(await ask(POOLED_BY_BOTH, 'auto')).toEqual(['disk.config']);
    expect(await ask(POOLED_BY_BOTH, false)).toEqual(['disk.config']);
    expect(await ask(POOLED_BY_BOTH, true)).toBe(NOT_LOCAL);
  });

  it('is nothing where they have the same directory too', async () => {
    expect(await ask({ ...POOLED_BY_BOTH, sharesDirectory: true }, 'auto')).toEqual([]);
    expect(await ask({ ...POOLED_BY_BOTH, sharesDirectory: true }, true)).toBe(NOT_LOCAL);
  });

  it('is refused where the destination does not reach them, however its directories are', async () => {
    const reason = `Migration pre-check error: ${DESTINATION} does not reach the storage of ${POOLED} of ${SOURCE}`;
    expect(await ask(POOLED_HERE, 'auto')).toBe(reason);
    expect(await ask(POOLED_HERE, true)).toBe(reason);
    expect(await ask(POOLED_HERE, false)).toContain(NOT_SHARED);
    expect(await ask({ ...POOLED_HERE, sharesDirectory: true }, 'auto')).toBe(reason);
  });

  it('is the other disks, where only some lie in it', async () => {
    expect(await ask(BOTH_KINDS, 'auto')).toEqual(['disk', 'disk.config']);
    expect(await ask(BOTH_KINDS, true)).toEqual(['disk', 'disk.config']);
    expect(await ask(BOTH_KINDS, false)).toContain(NOT_SHARED);
  });

  it('is everything where nothing is shared', async () => {
    expect(await ask(LOCAL, 'auto')).toEqual(['disk', 'disk.config']);
    expect(await ask(LOCAL, false)).toContain(NOT_SHARED);
  });
});
