import type { GuestBoot, GuestConsole } from '../lab/guest-console.ts';
import type { InstanceActionAnswer } from '../support/compute-answers.ts';
import type { ComputeAnswer } from '../support/compute-client.ts';
import type { RecordedMigration } from './recorded-history.ts';

export type AdmissionAnswers = {
  readonly tooOldMicroversion: ComputeAnswer;
  readonly tooOldComputeService: ComputeAnswer;
  readonly accepted: ComputeAnswer;
};

/** What was seen along the way; the proofs are drawn from it and from nothing else. */
export type DemoEvidence = {
  readonly server: string;
  readonly source: string;
  readonly destination: string;
  readonly originalDataSha256: string;
  /** The rescued guest's first words on the source. */
  readonly rescued: GuestBoot;
  readonly answers: AdmissionAnswers;
  /** Everything the source's serial console ever said. */
  readonly onSource: GuestConsole;
  /** What the destination's serial console had said before the unrescue was asked for. */
  readonly onDestination: GuestConsole;
  /** Every status of the server from the 202 to the migration's end. */
  readonly statusesWhileMigrating: readonly string[];
  readonly hostAfterMigration: string | null;
  readonly migrationStatus: string;
  readonly migrationMs: number;
  readonly unrescued: GuestBoot;
  readonly hostAfterUnrescue: string | null;
  readonly actions: readonly InstanceActionAnswer[];
  readonly recorded: RecordedMigration;
  readonly leftoversOnSource: readonly string[];
  readonly domainsOnDestination: readonly string[];
};
