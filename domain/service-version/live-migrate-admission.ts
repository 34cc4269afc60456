import type { TaskState, VmState } from '../instance/vm-state.ts';
import { serviceVersion, type HostName, type Instant, type InstanceId, type ServiceVersion } from '../shared/ids.ts';
import { LIVE_MIGRATE_RESCUED_MICROVERSION, microversionAtLeast, type Microversion } from './microversion.ts';

/**
 * The feature's two thresholds: the API asks the caller for the one and the whole deployment for the other.
 * 74 is also the version that this program's own compute service reports.
 */
export const LIVE_MIGRATE_RESCUED = {
  sinceMicroversion: LIVE_MIGRATE_RESCUED_MICROVERSION,
  sinceServiceVersion: serviceVersion(74),
} as const;

/** What a decision about `os-migrateLive` depends on; nothing else does, in particular no driver capability. */
export type LiveMigrateFacts = {
  readonly instanceId: InstanceId;
  readonly vmState: VmState;
  readonly taskState: TaskState | null;
  readonly launchedAt: Instant | null;
  readonly locked: boolean;
  readonly callerIsAdmin: boolean;
  readonly microversion: Microversion;
  /** Over all compute services that are not forced down; 0 when there is none (nova.md E.2). */
  readonly minimumServiceVersion: ServiceVersion;
  readonly requestedHost: HostName | null;
  readonly requestedHostKnown: boolean;
  readonly force: boolean;
};

export type LiveMigrateRefusal =
  | { readonly reason: 'ForceWithoutHost' }
  | { readonly reason: 'InstanceLocked'; readonly instanceId: InstanceId }
  | { readonly reason: 'InvalidVmState'; readonly action: 'os-migrateLive'; readonly vmState: VmState }
  | { readonly reason: 'InvalidTaskState'; readonly action: 'os-migrateLive'; readonly taskState: TaskState }
  | { readonly reason: 'NeverLaunched'; readonly action: 'os-migrateLive' }
  | { readonly reason: 'ComputeServiceTooOld'; readonly minimum: ServiceVersion; readonly required: ServiceVersion }
  | { readonly reason: 'ComputeHostNotFound'; readonly host: HostName };

type Policy = (facts: LiveMigrateFacts) => LiveMigrateRefusal | null;

const forceNeedsHost: Policy = ({ force, requestedHost }) =>
  force && requestedHost === null ? { reason: 'ForceWithoutHost' } : null;

const lockStopsAllButAdmins: Policy = ({ locked, callerIsAdmin, instanceId }) =>
  locked && !callerIsAdmin ? { reason: 'InstanceLocked', instanceId } : null;

const vmStateMayMigrate: Policy = ({ vmState, microversion }) =>
  vmStatesThatMayMigrate(microversion).includes(vmState)
    ? null
    : { reason: 'InvalidVmState', action: 'os-migrateLive', vmState };

const noTaskInProgress: Policy = ({ taskState }) =>
  taskState === null ? null : { reason: 'InvalidTaskState', action: 'os-migrateLive', taskState };

const hasBeenLaunched: Policy = ({ launchedAt }) =>
  launchedAt === null ? { reason: 'NeverLaunched', action: 'os-migrateLive' } : null;

// After the server's own state, so that only a rescued server is ever affected by the fleet (nova.md B.2 row 20a).
const everyComputeServiceKnowsRescued: Policy = ({ vmState, minimumServiceVersion }) =>
  vmState !== 'rescued' || minimumServiceVersion >= LIVE_MIGRATE_RESCUED.sinceServiceVersion
    ? null
    : {
        reason: 'ComputeServiceTooOld',
        minimum: minimumServiceVersion,
        required: LIVE_MIGRATE_RESCUED.sinceServiceVersion,
      };

const requestedHostExists: Policy = ({ requestedHost, requestedHostKnown }) =>
  requestedHost === null || requestedHostKnown ? null : { reason: 'ComputeHostNotFound', host: requestedHost };

/** In the order of nova.md K.1, rows 7 to 14: the first refusal is the answer. */
const POLICIES: readonly Policy[] = [
  forceNeedsHost,
  lockStopsAllButAdmins,
  vmStateMayMigrate,
  noTaskInProgress,
  hasBeenLaunched,
  everyComputeServiceKnowsRescued,
  requestedHostExists,
];

/**
 * THE 202/409 RULE of live migration: null admits. Called by decideInstance only; the HTTP numbers are in
 * adapters/http/status-codes.ts.
 */
export function refuseLiveMigrate(facts: LiveMigrateFacts): LiveMigrateRefusal | null {
  for (const policy of POLICIES) {
    const refusal = policy(facts);
    if (refusal !== null) return refusal;
  }
  return null;
}

function vmStatesThatMayMigrate(microversion: Microversion): readonly VmState[] {
  return microversionAtLeast(microversion, LIVE_MIGRATE_RESCUED.sinceMicroversion)
    ? ['active', 'paused', 'rescued']
    : ['active', 'paused'];
}
