import { hypervisorDriverContract } from './hypervisor-driver.contract.ts';
import type { HypervisorPair } from './hypervisor-driver.fixture.ts';
import { DESTINATION, guestOf, keepMoving, simulatedPair, SOURCE } from './simulated-pair.fixture.ts';

async function makePair(): Promise<HypervisorPair> {
  const pair = simulatedPair();
  const moving = keepMoving(pair.clock);
  return {
    ...pair,
    hosts: [SOURCE, DESTINATION],
    newGuest: () => guestOf(pair.bootImages),
    files: async (host, instanceId) => {
      const files = pair.cloud.files(host, instanceId);
      return files === null ? null : [...files.keys()].toSorted();
    },
    dispose: () => moving.end(),
  };
}

hypervisorDriverContract('simulated', makePair, { setUpMs: 5000, stageMs: 5000 });
