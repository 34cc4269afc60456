import { SeededRandom } from './seeded-random.ts';
import { FAULTS, type Fault, type Phase, type PlannedFault, type RoundPlan } from './round.ts';

const MIGRATING: readonly Phase[] = ['staging', 'disk-copy', 'memory-copy', 'finish'];
const COPYING: readonly Phase[] = ['disk-copy', 'memory-copy', 'finish'];
const EVERY_PHASE: readonly Phase[] = ['rescue', ...MIGRATING, 'unrescue'];

/** Where each fault can strike: an emulator that is not there yet cannot be killed, a rescue copies nothing between hosts. */
const PHASES_OF: Readonly<Record<Fault, readonly Phase[]>> = {
  none: ['memory-copy'],
  'lifeboat-killed': EVERY_PHASE,
  'source-emulator-killed': MIGRATING,
  'destination-emulator-killed': COPYING,
  'source-libvirtd-killed': EVERY_PHASE,
  'destination-libvirtd-killed': MIGRATING,
  'source-libvirtd-stopped': EVERY_PHASE,
  'destination-libvirtd-stopped': MIGRATING,
  'network-cut': MIGRATING,
  'network-half-cut': MIGRATING,
  'reply-lost': MIGRATING,
  'destination-disk-full': MIGRATING,
  'artifact-damaged': MIGRATING,
  'image-service-down': ['rescue', ...MIGRATING],
  'image-service-slow': ['rescue', ...MIGRATING],
  'store-locked': EVERY_PHASE,
  'store-full': EVERY_PHASE,
};

/** How long after a phase has begun a fault may come: about as long as the phase lasts. */
const DELAY_MS_MAX: Readonly<Record<Phase, number>> = {
  rescue: 1500,
  staging: 300,
  'disk-copy': 400,
  'memory-copy': 1500,
  finish: 250,
  unrescue: 800,
};

/** Of those that last. The longer ones outlast the keepalive, so that both being patient and giving up are met. */
const HOLD_MS: Readonly<Partial<Record<Fault, readonly [least: number, most: number]>>> = {
  'lifeboat-killed': [0, 2000],
  'source-libvirtd-killed': [0, 3000],
  'destination-libvirtd-killed': [0, 3000],
  'source-libvirtd-stopped': [200, 16_000],
  'destination-libvirtd-stopped': [200, 16_000],
  'network-cut': [500, 12_000],
  'network-half-cut': [500, 12_000],
  'reply-lost': [100, 14_000],
  'destination-disk-full': [500, 5000],
  'image-service-down': [300, 4000],
  'image-service-slow': [500, 3000],
  'store-locked': [300, 9000],
  'store-full': [300, 6000],
};

/** Memory that is not zero fills some 70 MiB: a second or two. Null lets the copy run as fast as it can. */
const BANDWIDTHS_MIBPS: Readonly<Partial<Record<Phase, readonly (number | null)[]>>> = {
  'disk-copy': [8, 16, 32],
  'memory-copy': [24, 32, 48],
};
const OTHER_BANDWIDTHS_MIBPS: readonly (number | null)[] = [null, 48];

type Slot = { readonly fault: Fault; readonly phase: Phase };

/** Every fault in every phase where it can strike. */
export function allSlots(only: Fault | null): readonly Slot[] {
  const faults = only === null ? FAULTS : [only];
  return faults.flatMap((fault) => PHASES_OF[fault].map((phase) => ({ fault, phase })));
}

/**
 * The plan of one round, from the seed and its number alone. Faults are dealt like a shuffled deck, so that as many
 * rounds as there are slots meet every slot once.
 */
export function planRound(seed: number, round: number, only: Fault | null = null): RoundPlan {
  const slots = allSlots(only);
  const turn = Math.floor((round - 1) / slots.length);
  const slot = new SeededRandom(seed, turn).shuffled(slots)[(round - 1) % slots.length];
  if (slot === undefined) throw new Error(`planRound: round ${round} of ${slots.length} slots`);
  const random = new SeededRandom(seed, round, slots.length);
  const [least, most] = HOLD_MS[slot.fault] ?? [0, 0];
  const planned: PlannedFault = {
    ...slot,
    leg: random.pick(['there', 'back'] as const),
    delayMs: random.integer(0, DELAY_MS_MAX[slot.phase]),
    holdMs: random.integer(least, most),
    variant: random.next(),
  };
  const bandwidthMiBps = random.pick(BANDWIDTHS_MIBPS[slot.phase] ?? OTHER_BANDWIDTHS_MIBPS);
  return { round, faults: [planned], bandwidthMiBps };
}
