/** What one host said when it was asked for the guest; `unreachable` is no answer. */
export type Sighting =
  | 'unreachable'
  | 'absent'
  /** Runs, or is paused as its owner left it. */
  | 'here'
  /** A party to a migration: paused by the hypervisor until Finish or Confirm. */
  | 'inMigration'
  /** Defined, and it has run: it switched itself off, or was switched off. */
  | 'off'
  /** Defined, and its emulator is gone: it died, or it has switched itself off while nobody looked. */
  | 'crashed'
  /** Defined, but its arrival failed before it did anything. */
  | 'neverStarted'
  /** Defined and off, and nobody knows any more which of the two. */
  | 'unexplained';

export type Whereabouts = 'onDestination' | 'onSource' | 'undetermined';

/**
 * Where the guest is after a migration nobody can account for. Only the destination's definite answer counts: while it
 * is unreachable, or still `inMigration`, a late Finish may start the guest there at any moment (design decision 4).
 */
export function whereabouts(source: Sighting, destination: Sighting): Whereabouts {
  switch (destination) {
    case 'unreachable':
    case 'inMigration':
    case 'unexplained':
      return 'undetermined';
    case 'here':
    case 'off':
      // libvirt defines an arriving guest only when it starts it, so one that is off has been there: the source's copy
      // is older, and would undo what was done since. Beside a source that runs nothing is safe to do by itself.
      return source === 'here' ? 'undetermined' : 'onDestination';
    case 'crashed':
      // Whatever it did there, no memory is left of it. Where a copy may still have one, a person says which it shall be.
      return mayGoOn(source) ? 'undetermined' : 'onDestination';
    case 'absent':
    case 'neverStarted':
      return source === 'absent' || source === 'unreachable' ? 'undetermined' : 'onSource';
  }
}

const mayGoOn = (source: Sighting): boolean =>
  source === 'here' || source === 'inMigration' || source === 'unreachable';

/**
 * The last look before the source's copy runs on: beside a running destination it would make two machines of one. A copy
 * that is off there for no known reason does not forbid it: nobody comes here with one but on an operator's word.
 */
export function mayResumeSource(source: Sighting, destination: Sighting): boolean {
  if (destination === 'crashed' || destination === 'unexplained') return source === 'here' || source === 'inMigration';
  return whereabouts(source, destination) === 'onSource';
}

/** The last look before the source's copy goes: without a guest on the destination it may be the only one. */
export function mayRemoveSource(source: Sighting, destination: Sighting): boolean {
  return destination === 'here' || destination === 'off' || (destination === 'crashed' && !mayGoOn(source));
}
