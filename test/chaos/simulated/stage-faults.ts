import { releaseIfHalfArrived } from './end-guest.ts';
import { strikeFault } from './fault-kinds.ts';
import type { Side } from './mortal-boundaries.ts';
import type { SimulatedFault } from './round-plan.ts';
import type { Scene } from './scene.ts';

/** The faults of one stage: each strikes at its moment, or is taken back when the stage is over before. */
export class StageFaults {
  /** How many calls the program has made since the stage began; both sides of a call count as one. */
  calls = 0;
  changes = 0;
  struck = 0;
  readonly #scene: Scene;
  readonly #over = new AbortController();
  readonly #stopWatching: () => void;
  #waiting: readonly SimulatedFault[];
  #lasting = 0;

  constructor(scene: Scene, faults: readonly SimulatedFault[]) {
    this.#scene = scene;
    this.#waiting = faults;
    scene.world.atBoundary((side) => this.#atBoundary(side));
    this.#stopWatching = scene.world.cloud.watch(() => this.#atChange());
    for (const fault of faults) if (fault.after === 'milliseconds') void this.#atItsTime(fault);
  }

  /** How many last, or have yet to come. */
  get pending(): number {
    return this.#waiting.length + this.#lasting;
  }

  get lasting(): number {
    return this.#lasting;
  }

  /** What has not come by now does not come any more. */
  takeBack(): void {
    this.#over.abort('over');
    this.#stopWatching();
    this.#waiting = [];
    this.#scene.world.calls.disarm();
    this.#scene.world.eventStore.disarm();
  }

  #atBoundary(side: Side): void {
    if (side === 'before') this.calls += 1;
    for (const fault of this.#waiting) {
      if (fault.after === 'calls' && fault.count === this.calls && fault.side === side) void this.#strike(fault);
    }
  }

  #atChange(): void {
    this.changes += 1;
    this.#noticeSecondFault();
    for (const fault of this.#waiting) {
      if (fault.after === 'changes' && fault.count === this.changes) void this.#strike(fault);
    }
  }

  async #atItsTime(fault: SimulatedFault): Promise<void> {
    await this.#scene.world.clock.sleep(fault.count, this.#over.signal);
    if (!this.#over.signal.aborted) await this.#strike(fault);
  }

  async #strike(fault: SimulatedFault): Promise<void> {
    this.#waiting = this.#waiting.filter((other) => other !== fault);
    this.#lasting += 1;
    this.struck += 1;
    this.#noticeSecondFault();
    await strikeFault(this.#scene, fault);
    this.#lasting -= 1;
  }
  #noticeSecondFault(): void {
    if (this.struck > 1) releaseIfHalfArrived(this.#scene.world, this.#scene.witness);
  }
}
