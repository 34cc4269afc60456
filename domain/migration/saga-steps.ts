/**
 * THE PROTOCOL of a live migration, as a table. Before the pivot a failure undoes, in reverse, what was done (the
 * failed step included: it may have left half of its effect). From the pivot's success on there is only forward.
 */
export type StepName =
  | 'selectDestination'
  | 'prepareDestination'
  | 'stageArtifacts'
  | 'migrateGuest'
  | 'confirmSource'
  | 'adoptAtDestination'
  | 'clearSource';

export type UndoName = 'clearDestination' | 'removeArtifacts' | 'restoreSource';

export type Step = {
  readonly name: StepName;
  readonly undo: UndoName | null;
  /**
   * What to do when nobody knows how the step ended (a crash, a lost reply). `repeat`: doing it again is harmless.
   * `inquire`: look at both hosts first.
   */
  readonly whenUnknown: 'repeat' | 'inquire';
  readonly attemptsMax: number;
  /** Why the step stands where it stands; printed in docs/saga.md. */
  readonly why: string;
};

/**
 * Attempts of an undo, of an inquiry and of a step behind the pivot before an operator is asked: about a minute and a
 * half with the runner's delays, more than a libvirt daemon needs to come back. A host that is away for longer resumes
 * the saga when it is seen again.
 */
export const UNDO_ATTEMPTS_MAX = 20;
export const INQUIRIES_MAX = 20;
const ATTEMPTS_BEHIND_PIVOT_MAX = 20;

export const SAGA_STEPS: readonly Step[] = [
  {
    name: 'selectDestination',
    undo: null,
    whenUnknown: 'repeat',
    attemptsMax: 1,
    why: 'Pre-checks create nothing, so a refusal here leaves nothing to undo and another host can be asked.',
  },
  {
    name: 'prepareDestination',
    undo: 'clearDestination',
    whenUnknown: 'repeat',
    attemptsMax: 1,
    why: 'The directory and the empty disks must exist before anything is copied into them.',
  },
  {
    name: 'stageArtifacts',
    undo: 'removeArtifacts',
    whenUnknown: 'repeat',
    attemptsMax: 1,
    why: 'libvirt refuses an incoming guest whose rescue kernel is missing. What is written is read back while it starts.',
  },
  {
    name: 'migrateGuest',
    undo: 'restoreSource',
    whenUnknown: 'inquire',
    attemptsMax: 1,
    why: 'The point of no return: once the destination runs the guest, going back would lose what it has done since.',
  },
  {
    name: 'confirmSource',
    undo: null,
    whenUnknown: 'repeat',
    attemptsMax: ATTEMPTS_BEHIND_PIVOT_MAX,
    why: 'The paused copy on the source goes only when the destination is known to run: never two, never none.',
  },
  {
    name: 'adoptAtDestination',
    undo: null,
    whenUnknown: 'repeat',
    attemptsMax: ATTEMPTS_BEHIND_PIVOT_MAX,
    why: 'The server is told where it lives before its old files go, so unrescue can never look in the wrong place.',
  },
  {
    name: 'clearSource',
    undo: null,
    whenUnknown: 'repeat',
    attemptsMax: ATTEMPTS_BEHIND_PIVOT_MAX,
    why: 'The owner’s data is removed from the old host last, when nothing can need it there.',
  },
];

/** The step whose success cannot be undone. */
export const PIVOT: StepName = 'migrateGuest';
export const PIVOT_INDEX = SAGA_STEPS.findIndex((step) => step.name === PIVOT);

/** How often a step may be begun again after the process died in it; then it counts as failed. */
export const STARTS_MAX = 5;

/** Throws for an index outside of the table: only a bug can make one. */
export function stepAt(index: number): Step {
  const step = SAGA_STEPS[index];
  if (step === undefined) throw new Error(`stepAt: there is no step ${index}`);
  return step;
}

/** Throws for a name that is not in the table: only a bug can make one. */
export function indexOfStep(name: StepName): number {
  const index = SAGA_STEPS.findIndex((step) => step.name === name);
  if (index === -1) throw new Error(`indexOfStep: there is no step ${name}`);
  return index;
}
