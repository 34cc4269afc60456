import { ACCEPTED, STATUS_OF_REFUSAL } from '../../adapters/http/status-codes.ts';
import type { VmState } from '../../domain/instance/vm-state.ts';
import {
  LIVE_MIGRATE_RESCUED,
  refuseLiveMigrate,
  type LiveMigrateFacts,
} from '../../domain/service-version/live-migrate-admission.ts';
import { hostName, instanceId, instant, serviceVersion } from '../../domain/shared/ids.ts';

const VM_STATES: readonly VmState[] = ['active', 'paused', 'rescued', 'stopped', 'error', 'building'];
const { sinceMicroversion, sinceServiceVersion } = LIVE_MIGRATE_RESCUED;
const OLD_API = { major: sinceMicroversion.major, minor: sinceMicroversion.minor - 1 };
const OLD_SERVICE = serviceVersion(sinceServiceVersion - 1);
const SOMEWHERE = hostName('compute-9');

/** An idle, launched, unlocked server that may be migrated by a caller of today's API. */
const ADMITTED: LiveMigrateFacts = {
  instanceId: instanceId('4c2f7a1e-6d83-4b6e-9a55-0d7c1f0b8e21'),
  vmState: 'active',
  taskState: null,
  launchedAt: instant('2026-01-01T00:00:00.000Z'),
  locked: false,
  callerIsAdmin: false,
  microversion: sinceMicroversion,
  minimumServiceVersion: sinceServiceVersion,
  requestedHost: null,
  requestedHostKnown: false,
  force: false,
};

const OTHER_REASONS: readonly (readonly [string, Partial<LiveMigrateFacts>])[] = [
  ['Another task is in progress (`task_state` is set)', { taskState: 'migrating' }],
  ['The server is locked, and the caller is no admin', { locked: true }],
  ['The server is locked, and the caller is an admin', { locked: true, callerIsAdmin: true }],
  ['The server was never launched', { launchedAt: null }],
  ['`host` names no compute host', { requestedHost: SOMEWHERE }],
  ['`force` without a `host`', { force: true }],
];

/** The answers to `os-migrateLive`, found by asking the rule itself. */
export function liveMigrateTable(): string {
  const columns = [OLD_API, sinceMicroversion].flatMap((microversion) =>
    [OLD_SERVICE, sinceServiceVersion].map((minimumServiceVersion) => ({ microversion, minimumServiceVersion })),
  );
  const heads = columns.map(
    ({ microversion, minimumServiceVersion }) =>
      `${microversion.major}.${microversion.minor}, oldest service ${minimumServiceVersion}`,
  );
  const states = VM_STATES.map((vmState) =>
    row(
      `\`${vmState}\``,
      columns.map((versions) => answer({ vmState, ...versions })),
    ),
  );
  const others = OTHER_REASONS.map(([says, facts]) => row(says, [answer(facts)]));
  return [
    row('`vm_state`', heads),
    row(
      '---',
      heads.map(() => '---'),
    ),
    ...states,
    '',
    row('Otherwise admitted, but', ['Answer']),
    row('---', ['---']),
    ...others,
  ].join('\n');
}

function answer(facts: Partial<LiveMigrateFacts>): string {
  const refusal = refuseLiveMigrate({ ...ADMITTED, ...facts });
  return refusal === null ? `**${ACCEPTED}**` : `${STATUS_OF_REFUSAL[refusal.reason]} ${refusal.reason}`;
}

function row(head: string, cells: readonly string[]): string {
  return `| ${[head, ...cells].join(' | ')} |`;
}
