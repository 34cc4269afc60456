import { ADMISSION_MUTATIONS } from './admission-mutations.ts';
import { APPLICATION_MUTATIONS } from './application-mutations.ts';
import { INSTANCE_MUTATIONS } from './instance-mutations.ts';
import type { Mutation } from './mutation.ts';
import { LEVER_MUTATIONS } from './lever-mutations.ts';
import { PROCESS_MUTATIONS } from './process-mutations.ts';
import { SAGA_MUTATIONS } from './saga-mutations.ts';

/** Every planted bug, inside out. */
export const MUTATIONS: readonly Mutation[] = [
  ...ADMISSION_MUTATIONS,
  ...INSTANCE_MUTATIONS,
  ...SAGA_MUTATIONS,
  ...LEVER_MUTATIONS,
  ...APPLICATION_MUTATIONS,
  ...PROCESS_MUTATIONS,
];
