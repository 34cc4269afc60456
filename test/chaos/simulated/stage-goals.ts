import type { ServerRow } from '../../../application/views/servers-view.ts';
import type { HostName } from '../../../domain/shared/ids.ts';
import type { ChaosWorld } from './chaos-world.ts';
import type { Stage } from './round-plan.ts';

/** What the stage is for has been reached; `source` is where the server lived at its beginning. */
export function isDone(stage: Stage, row: ServerRow | null, source: HostName): boolean {
  if (row === null) return false;
  switch (stage) {
    case 'create':
      return row.launchedAt !== null;
    case 'rescue':
      return row.vmState === 'rescued';
    case 'migrate':
    case 'migrateBack':
      return row.host !== source;
    case 'unrescue':
      return row.vmState === 'active' && row.rescue === null;
  }
}

/** The server is in a state from which the stage's request is admitted, and nothing but a fault would stop it. */
export function couldBeDone(stage: Stage, row: ServerRow | null, { cloud }: ChaosWorld): boolean {
  if (row === null) return true;
  // A server that was reset while it was built is active and nowhere.
  if (row.launchedAt === null && row.vmState !== 'building') return false;
  switch (stage) {
    case 'create':
      return true;
    case 'rescue':
      return row.vmState === 'active';
    case 'migrate':
    case 'migrateBack':
      return cloud.runningCopies(row.instanceId).length === 1 && ['rescued', 'active'].includes(row.vmState);
    case 'unrescue':
      return row.vmState === 'rescued';
  }
}
