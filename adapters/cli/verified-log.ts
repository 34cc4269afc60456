import type { ConfiguredUrl } from '../event-store/configured-store.ts';
import type { CheckedAnchor } from '../event-store/evidence/anchor.ts';
import { type Verification, verifyLog } from '../event-store/evidence/verify-log.ts';
import { openStoredLog } from '../event-store/open-stored-log.ts';
import type { LogTarget } from '../event-store/stored-log.ts';
import { factsText } from './facts-text.ts';
import { figure, ProgressLine } from './progress-line.ts';

/** Exit status for a log that is not what was recorded; 1 is for a command that could not find out. */
export const NOT_AS_RECORDED = 2;

/** Opens the log that is there, lets `use` have it, and closes it. Shows a bar when an old file is chained first. */
export async function withStoredLog<Result>(
  url: ConfiguredUrl,
  use: (log: LogTarget) => Promise<Result>,
  wanted: 'existing' | 'target' = 'existing',
): Promise<Result> {
  const line = new ProgressLine('chaining');
  const log = await openStoredLog(url, wanted, line.show);
  line.clear();
  try {
    return await use(log);
  } finally {
    await log.close();
  }
}

/** Verifies that log with a bar on the terminal. */
export async function verifiedLog(url: ConfiguredUrl, anchors: readonly CheckedAnchor[]): Promise<Verification> {
  return withStoredLog(url, async (log) => {
    const line = new ProgressLine('verifying');
    const verification = await verifyLog(log, anchors, line.show);
    line.clear();
    return verification;
  });
}

/** For people. */
export function verificationText(verification: Verification): string {
  const { finding, events, position, recordedAt, digest, unchained, anchorsHeld } = verification;
  const facts: readonly (readonly [string, string])[] = [
    [
      'events',
      `${figure(events)}${position === 0 ? '' : `, the last at position ${position}, recorded ${recordedAt}`}`,
    ],
    ['digest', digest],
    ['anchors that hold', String(anchorsHeld)],
    ...(unchained > 0 ? [['without a hash', `${figure(unchained)}, older than the chain`] as const] : []),
  ];
  if (finding === null) return `The log is as it was recorded.\n${factsText(facts)}`;
  const { event, kind, message } = finding;
  const where = `position ${finding.position}`;
  const which =
    event === null ? where : `${where}, ${event.type}, revision ${event.revision} of ${event.stream}, id ${event.id}`;
  return `The log is NOT as it was recorded. First bad event: ${kind}, ${which}\n  ${message}\nbefore it:\n${factsText(facts)}`;
}
