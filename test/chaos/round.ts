/** What is done to the cloud. The names are those of `--only` and of the table. */
export const FAULTS = [
  'none',
  'lifeboat-killed',
  'source-emulator-killed',
  'destination-emulator-killed',
  'source-libvirtd-killed',
  'destination-libvirtd-killed',
  'source-libvirtd-stopped',
  'destination-libvirtd-stopped',
  'network-cut',
  'network-half-cut',
  'reply-lost',
  'destination-disk-full',
  'artifact-damaged',
  'image-service-down',
  'image-service-slow',
  'store-locked',
  'store-full',
] as const;
export type Fault = (typeof FAULTS)[number];

/** When it is done; the middle four are those of a live migration. */
export const PHASES = ['rescue', 'staging', 'disk-copy', 'memory-copy', 'finish', 'unrescue'] as const;
export type Phase = (typeof PHASES)[number];

/** Which of the two migrations of a cycle is hit. */
export type Leg = 'there' | 'back';

export type PlannedFault = {
  readonly fault: Fault;
  readonly phase: Phase;
  readonly leg: Leg;
  /** From the moment at which the phase is seen to have begun. */
  readonly delayMs: number;
  /** How long it lasts before it is healed; without a meaning for what is over at once, such as a killed process. */
  readonly holdMs: number;
  /** From 0 to 1: chooses among the variants of a fault, such as which file and which byte. */
  readonly variant: number;
};

/** One cycle: rescue, migrate there, migrate back, unrescue. Made from the seed and the round's number alone. */
export type RoundPlan = {
  readonly round: number;
  /** One on real hosts; one or two on simulated ones. */
  readonly faults: readonly PlannedFault[];
  /** Of disks and memory, so that a phase is long enough to be hit; null: no limit. */
  readonly bandwidthMiBps: number | null;
};

/** Names of what must hold after every round. */
export const INVARIANTS = {
  oneCopy: 'exactly one running copy, none if its emulator was killed',
  sameBoot: 'the guest was not restarted: same boot id, counting on',
  saidOnce: 'the guest never ran twice: no tick was said on two hosts',
  heard: 'the guest ticks again',
  disksIntact: 'the disks are whole: right role, boot count and data after rescue and unrescue',
  hostClean: 'nothing is left on the host that does not have the server',
  files: 'exactly the files of a rescued server where it lives',
  apiTrue: 'the API says where the server is, what it is, and that nothing is in progress',
  recovered: 'it went on or rolled back by itself, in time',
  goesOn: 'afterwards migration, unrescue and delete work',
} as const;
export type Invariant = keyof typeof INVARIANTS;

export type Violation = { readonly invariant: Invariant; readonly what: string };

/** What became of what was under way when the fault came. */
export type Ending = 'completed' | 'rolled back' | 'needs operator';

export type RoundOutcome = {
  readonly round: number;
  /** Of two faults both names, joined by ` + `; so is `phase`. */
  readonly fault: string;
  readonly phase: string;
  readonly outcome: Ending;
  /** From the end of the fault until nothing was in progress any more; null when it never was so. */
  readonly recoveryMs: number | null;
  /** Longest time between two ticks of the guest; null when it was killed, and on simulated hosts. */
  readonly guestSilenceMs: number | null;
  readonly violations: readonly Violation[];
};
