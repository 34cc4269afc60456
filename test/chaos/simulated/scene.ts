import type { HostName } from '../../../domain/shared/ids.ts';
import type { ChaosWorld } from './chaos-world.ts';
import type { Requests } from './requests.ts';
import type { Witness } from './witness.ts';

/** What a fault strikes. */
export type Scene = {
  readonly world: ChaosWorld;
  readonly witness: Witness;
  readonly requests: Requests;
  /** Where the server lived when the stage began, and the other host. */
  readonly source: HostName;
  readonly destination: HostName;
};
