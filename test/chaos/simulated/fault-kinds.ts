import { CALL_FAULTS } from './call-faults.ts';
import { LASTING_FAULTS } from './lasting-faults.ts';
import { MEANWHILE } from './meanwhile.ts';
import { MOMENTARY_FAULTS } from './momentary-faults.ts';
import type { SimulatedFault } from './round-plan.ts';
import type { Scene } from './scene.ts';

/** Strikes; resolves when it is over. What it set off may go on. */
type Strike = (scene: Scene, holdMs: number) => Promise<void>;

const STRIKES: Readonly<Record<string, Strike>> = {
  ...mapped(
    CALL_FAULTS,
    (faultOf) =>
      async ({ world }, holdMs) =>
        world.calls.arm('anyCall', faultOf(holdMs)),
  ),
  ...mapped(LASTING_FAULTS, (lastingIn) => async (scene, holdMs) => {
    const { begin, end } = lastingIn(scene);
    begin();
    await scene.world.clock.sleep(holdMs);
    end();
  }),
  ...mapped(MOMENTARY_FAULTS, (strike) => async (scene) => strike(scene)),
  ...mapped(MEANWHILE, (ask) => ask),
};

/**
 * What can go wrong in one round. `source` and `destination` in a name are meant as of the stage: where the server
 * lived at its beginning, and the other host.
 */
export type FaultKind =
  keyof typeof CALL_FAULTS | keyof typeof LASTING_FAULTS | keyof typeof MOMENTARY_FAULTS | keyof typeof MEANWHILE;

export const FAULT_KINDS: readonly FaultKind[] = [
  ...namesOf(CALL_FAULTS),
  ...namesOf(LASTING_FAULTS),
  ...namesOf(MOMENTARY_FAULTS),
  ...namesOf(MEANWHILE),
];

/** Every kind alone, with itself, and with every other: what a whole run goes through, again and again. */
export const FAULT_COMBINATIONS: readonly (readonly FaultKind[])[] = FAULT_KINDS.flatMap((first, index) => [
  [first],
  ...FAULT_KINDS.slice(index).map((second) => [first, second]),
]);

/** Lets one fault come; resolves when it is over. */
export async function strikeFault(scene: Scene, { kind, holdMs }: SimulatedFault): Promise<void> {
  await STRIKES[kind]?.(scene, holdMs);
}

function mapped<Value>(
  table: Readonly<Record<string, Value>>,
  strikeOf: (value: Value) => Strike,
): Readonly<Record<string, Strike>> {
  return Object.fromEntries(Object.entries(table).map(([kind, value]) => [kind, strikeOf(value)]));
}

function namesOf<Kind extends string>(table: Readonly<Record<Kind, unknown>>): readonly Kind[] {
  // A table has no keys but those of its type.
  return Object.keys(table) as Kind[];
}
