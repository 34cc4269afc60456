import { describe, expect, it } from 'vitest';
import { LIVE_MIGRATE_RESCUED } from '../../domain/service-version/live-migrate-admission.ts';
import {
  MAXIMUM_MICROVERSION,
  microversionAtLeast,
  MINIMUM_MICROVERSION,
  type Microversion,
} from '../../domain/service-version/microversion.ts';

/** Oldest first; the order is written down here, not asked of the code. */
const HISTORY: readonly Microversion[] = [
  { major: 1, minor: 999 },
  { major: 2, minor: 1 },
  { major: 2, minor: 9 },
  { major: 2, minor: 10 },
  { major: 2, minor: 99 },
  { major: 2, minor: 100 },
  { major: 2, minor: 104 },
  { major: 2, minor: 105 },
  { major: 2, minor: 1000 },
  { major: 3, minor: 0 },
];
const PAIRS = HISTORY.flatMap((version, place) =>
  HISTORY.map((required, since) => ({ version, required, expected: place >= since })),
);

describe('microversions', () => {
  it.each(PAIRS)('$version has what $required introduced: $expected', ({ version, required, expected }) => {
    expect(microversionAtLeast(version, required)).toBe(expected);
  });

  it('are served from 2.1 to 2.105, and the newest one is the one of this feature', () => {
    expect(MINIMUM_MICROVERSION).toEqual({ major: 2, minor: 1 });
    expect(MAXIMUM_MICROVERSION).toEqual({ major: 2, minor: 105 });
    expect(LIVE_MIGRATE_RESCUED).toEqual({ sinceMicroversion: { major: 2, minor: 105 }, sinceServiceVersion: 74 });
  });
});
