import type { WorkLease } from '../../application/work-lease.ts';

/** The right to act of a process that has no other beside it: whoever came before it has died. */
export const soleProcess = (runner: string): WorkLease => ({
  runner,
  schedules: true,
  confirm: async () => undefined,
  isGone: async (other) => other !== runner,
  isAbandoned: async () => false,
});
