import { afterAll, beforeAll, describe } from 'vitest';
import { activeServerStages } from './hypervisor-driver-active-server.contract.ts';
import type { ContractTimeouts, HypervisorPair } from './hypervisor-driver.fixture.ts';
import { refusalsWithoutGuest } from './hypervisor-driver-refusals.contract.ts';
import { rescuedServerStages } from './hypervisor-driver-rescued-server.contract.ts';
import { snapshotStages } from './hypervisor-driver-snapshots.contract.ts';
import { suspendedServerStages } from './hypervisor-driver-suspended-server.contract.ts';

/**
 * What every hypervisor driver owes to the application. The stages of one server follow each other, each where the one
 * before it ended, because a boot on a real host takes seconds: when one fails, read the first failure.
 */
export function hypervisorDriverContract(
  name: string,
  makePair: () => Promise<HypervisorPair>,
  timeouts: ContractTimeouts,
): void {
  describe(`hypervisor driver contract: ${name}`, { timeout: timeouts.stageMs }, () => {
    let pair: HypervisorPair | null = null;
    beforeAll(async () => {
      pair = await makePair();
    }, timeouts.setUpMs);
    afterAll(async () => {
      await pair?.dispose();
    }, timeouts.setUpMs);
    const open = (): HypervisorPair => {
      if (pair === null) throw new Error('the pair of hosts is not up');
      return pair;
    };
    refusalsWithoutGuest(open);
    rescuedServerStages(open);
    activeServerStages(open);
    suspendedServerStages(open);
    snapshotStages(open);
  });
}
