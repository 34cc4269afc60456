import type { VmState } from './vm-state.ts';

/** Of the changes by owners that are checked against the state; by Nova's word for each. */
export const VM_STATES_FOR_CHANGE = {
  rebuild: ['active', 'stopped', 'error'],
  resize: ['active', 'stopped'],
  confirmResize: ['resized'],
  revertResize: ['resized'],
  migrate: ['active', 'stopped'],
  shelve: ['active', 'stopped', 'paused', 'suspended'],
  unshelve: ['shelved_offloaded'],
  createImage: ['active', 'stopped', 'paused', 'suspended'],
  changePassword: ['active'],
} as const satisfies Record<string, readonly VmState[]>;
