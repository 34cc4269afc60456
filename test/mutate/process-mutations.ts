import { mutations } from './mutation.ts';

/** Bugs in what keeps several processes on one log apart. */
export const PROCESS_MUTATIONS = mutations(
  ['test/domain/migration-claim.spec.ts', 'test/application/process-lease.spec.ts'],
  [
    {
      name: 'stale-driver-is-heard',
      file: 'domain/migration/decide-driver.ts',
      find: 'return newest === epoch ?',
      replace: 'return newest >= epoch ?',
      why: 'A process that was stopped would end a step that another one is in the middle of.',
    },
    {
      name: 'claim-taken-twice',
      file: 'domain/migration/decide-driver.ts',
      find: '|| command.epoch !== newest + 1',
      replace: '',
      why: 'Two processes would drive one migration.',
    },
    {
      name: 'stopped-migration-keeps-its-driver',
      file: 'domain/migration/saga-transitions.ts',
      find: 'const claim = { ...facts.claim, runner: null };',
      replace: 'const { claim } = facts;',
      why: 'What an operator has resolved would wait for a process that may not exist any more.',
    },
    {
      name: 'lease-taken-early',
      file: 'application/other-processes.ts',
      find: 'nowMs - seen.sinceMs >= leaseMs;',
      replace: 'nowMs - seen.sinceMs >= leaseMs / 2;',
      why: 'A process that still acts would be taken over.',
    },
    {
      name: 'lease-taken-without-a-word',
      file: 'application/other-processes.ts',
      find: 'return written === null ? false : this.#isGoneForGood(runner);',
      replace: 'return this.#isGoneForGood(runner);',
      why: 'One that has renewed its lease in the last moment would act beside its successor.',
    },
    {
      name: 'lease-counted-from-its-answer',
      file: 'application/process-lease.ts',
      find: 'this.#goodUntilMs = sentAtMs + leaseMs * (1 - MARGIN);',
      replace: 'this.#goodUntilMs = sentAtMs + leaseMs * (1 + MARGIN);',
      why: 'The holder would believe in its lease after others may take it.',
    },
  ],
);
