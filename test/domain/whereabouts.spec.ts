import { describe, expect, it } from 'vitest';
import {
  mayRemoveSource,
  mayResumeSource,
  whereabouts,
  type Sighting,
  type Whereabouts,
} from '../../domain/migration/whereabouts.ts';

const SIGHTINGS: readonly Sighting[] = [
  'unreachable',
  'absent',
  'here',
  'inMigration',
  'off',
  'crashed',
  'neverStarted',
  'unexplained',
];

/** By hand, all 64; what is not listed is undetermined. Left: the source, right: the destination. */
const DETERMINED: Readonly<Record<string, Whereabouts>> = {
  'unreachable here': 'onDestination',
  'absent here': 'onDestination',
  'inMigration here': 'onDestination',
  'off here': 'onDestination',
  'here absent': 'onSource',
  'inMigration absent': 'onSource',
  'off absent': 'onSource',
  'crashed here': 'onDestination',
  'crashed absent': 'onSource',
  'crashed off': 'onDestination',
  'crashed neverStarted': 'onSource',
  // Dead where it has arrived: gone on with only where no other copy may go on.
  'absent crashed': 'onDestination',
  'off crashed': 'onDestination',
  'crashed crashed': 'onDestination',
  'neverStarted crashed': 'onDestination',
  'unexplained crashed': 'onDestination',
  'neverStarted here': 'onDestination',
  'neverStarted absent': 'onSource',
  // Off where it has arrived: it was there, and the source's copy is older.
  'unreachable off': 'onDestination',
  'absent off': 'onDestination',
  'inMigration off': 'onDestination',
  'off off': 'onDestination',
  'neverStarted off': 'onDestination',
  'here neverStarted': 'onSource',
  'inMigration neverStarted': 'onSource',
  'off neverStarted': 'onSource',
  'neverStarted neverStarted': 'onSource',
  // The source's host was started again: what lies there is still the only copy.
  'unexplained here': 'onDestination',
  'unexplained off': 'onDestination',
  'unexplained absent': 'onSource',
  'unexplained neverStarted': 'onSource',
};
const CASES = SIGHTINGS.flatMap((source) => SIGHTINGS.map((destination) => ({ source, destination })));

describe('where the guest is after a migration nobody can account for', () => {
  it.each(CASES.map((row) => ({ ...row, answer: DETERMINED[`${row.source} ${row.destination}`] ?? 'undetermined' })))(
    'source $source, destination $destination: $answer',
    ({ source, destination, answer }) => {
      expect(whereabouts(source, destination)).toBe(answer);
    },
  );

  it('is never the source while the destination runs it, may run it, has run it, or does not say', () => {
    for (const source of SIGHTINGS) {
      for (const destination of ['unreachable', 'here', 'inMigration', 'off', 'crashed', 'unexplained'] as const) {
        expect(whereabouts(source, destination)).not.toBe('onSource');
      }
    }
  });

  it('is never the destination unless it has been there', () => {
    for (const source of SIGHTINGS) {
      for (const destination of ['unreachable', 'absent', 'inMigration', 'neverStarted', 'unexplained'] as const) {
        expect(whereabouts(source, destination)).not.toBe('onDestination');
      }
    }
  });
});

describe('a copy that has died at the destination, beside one that waits on the source', () => {
  it('is nobody’s to choose but an operator’s: neither is taken for the guest, and the waiting one does not go', () => {
    expect(whereabouts('inMigration', 'crashed')).toBe('undetermined');
    expect(mayRemoveSource('inMigration', 'crashed')).toBe(false);
    expect(mayRemoveSource('absent', 'crashed')).toBe(true);
  });

  it.each(['crashed', 'unexplained'] as const)(
    'lets the waiting one go on when it is %s, on his word',
    (destination) => {
      expect(mayResumeSource('inMigration', destination)).toBe(true);
      for (const source of ['unreachable', 'absent', 'off'] as const) {
        expect(mayResumeSource(source, destination)).toBe(false);
      }
      expect(mayResumeSource('inMigration', 'off')).toBe(false);
    },
  );
});
