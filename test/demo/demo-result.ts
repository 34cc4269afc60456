import type { Acceleration } from '../lab/acceleration.ts';
import type { DemoEvidence } from './demo-evidence.ts';
import type { Proof } from './demo-proofs.ts';

/** The last JSON object; its names are what scripts rely on. */
export type DemoResult = {
  readonly ok: boolean;
  readonly failed_proofs: readonly string[];
  readonly server: string;
  readonly source: string;
  readonly destination: string;
  readonly boot_id_before: string | null;
  readonly boot_id_after: string | null;
  /** Last tick on the source, and the first one on the destination. */
  readonly tick_before: number | null;
  readonly tick_after: number | null;
  /** How long the guest stood still, by libvirt's own account in the log. */
  readonly downtime_ms: number | null;
  /** From the 202 to `completed`, as the client saw it. */
  readonly migration_ms: number;
  readonly staging_ms: number | null;
  readonly unrescued_role: string;
  readonly orig_data_intact: boolean;
  readonly leftovers_on_source: readonly string[];
  readonly http: Readonly<Record<'2.104' | '2.105_old_compute' | '2.105', number>>;
  readonly acceleration: Acceleration;
  /** Spent waiting for guests to boot; the rest is Lifeboat's and the hosts' own time. */
  readonly boot_waits_ms: number;
  /** Everything after the downloads. */
  readonly total_ms: number;
};

type DemoTimes = Pick<DemoResult, 'acceleration' | 'boot_waits_ms' | 'total_ms'>;

export function demoResult(evidence: DemoEvidence, proofs: readonly Proof[], times: DemoTimes): DemoResult {
  const { answers, onSource, onDestination, unrescued, recorded } = evidence;
  const failed = proofs.filter(({ held }) => !held).map(({ name }) => name);
  return {
    ok: failed.length === 0,
    failed_proofs: failed,
    server: evidence.server,
    source: evidence.source,
    destination: evidence.hostAfterMigration ?? 'none',
    boot_id_before: onSource.lastTick?.bootId ?? null,
    boot_id_after: onDestination.ticks[0]?.bootId ?? null,
    tick_before: onSource.lastTick?.number ?? null,
    tick_after: onDestination.ticks[0]?.number ?? null,
    downtime_ms: recorded.downtimeMs,
    migration_ms: evidence.migrationMs,
    staging_ms: recorded.stagingMs,
    unrescued_role: unrescued.role,
    orig_data_intact: unrescued.data === evidence.originalDataSha256,
    leftovers_on_source: evidence.leftoversOnSource,
    http: {
      '2.104': answers.tooOldMicroversion.status,
      '2.105_old_compute': answers.tooOldComputeService.status,
      '2.105': answers.accepted.status,
    },
    ...times,
  };
}
