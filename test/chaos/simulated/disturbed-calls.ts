import {
  SimulatedFaults,
  type Fault,
  type Perform,
  type SimulatedOperation,
} from '../../../adapters/simulated/simulated-faults.ts';
import type { SimulatedCloud } from '../../../adapters/simulated/simulated-cloud.ts';
import type { HostName } from '../../../domain/shared/ids.ts';
import type { Outcome } from '../../../domain/shared/outcome.ts';

/** What a fault may strike: any call but the heartbeat's, or only those that carry an artifact. */
export type Target = 'anyCall' | 'artifactWritten' | 'artifactRead';

/** Calls that take their time, and of which the next one of a kind can be struck, whichever it is. */
export class DisturbedCalls extends SimulatedFaults {
  readonly #cloud: SimulatedCloud;
  readonly #latencyMs: () => number;
  #armed: readonly { readonly target: Target; readonly fault: Fault }[] = [];
  #underWay = 0;
  #lateEffects = 0;

  constructor(cloud: SimulatedCloud, latencyMs: () => number) {
    super(cloud);
    this.#cloud = cloud;
    this.#latencyMs = latencyMs;
  }

  /** Effects that have been asked for and have not happened yet; they may come when nobody waits for them any more. */
  get underWay(): number {
    return this.#underWay;
  }

  /** How many effects there were that nobody waited for. */
  get lateEffects(): number {
    return this.#lateEffects;
  }

  arm(target: Target, fault: Fault): void {
    this.#armed = [...this.#armed, { target, fault }];
  }

  disarm(): void {
    this.#armed = [];
  }

  override async around<Value>(
    host: HostName,
    operation: SimulatedOperation,
    perform: Perform<Value>,
  ): Promise<Outcome<Value>> {
    await this.#cloud.clock.sleep(this.#latencyMs());
    const fault = this.#take(operation);
    if (fault !== null) this.next(host, operation, fault);
    const lands = fault?.fault === 'lateEffect' || fault?.fault === 'delay';
    if (lands) this.#underWay += 1;
    if (lands) this.#lateEffects += 1;
    const counted: Perform<Value> = async (met) => {
      try {
        return await perform(met);
      } finally {
        if (lands) this.#underWay -= 1;
      }
    };
    const answer = await super.around(host, operation, counted);
    await this.#cloud.clock.sleep(this.#latencyMs());
    return answer;
  }

  #take(operation: SimulatedOperation): Fault | null {
    const index = this.#armed.findIndex(({ target }) => isTarget(target, operation));
    const taken = this.#armed[index];
    if (taken === undefined) return null;
    this.#armed = this.#armed.toSpliced(index, 1);
    return taken.fault;
  }
}

function isTarget(target: Target, operation: SimulatedOperation): boolean {
  switch (target) {
    case 'anyCall':
      return operation !== 'hostFacts' && operation !== 'ping';
    case 'artifactWritten':
      return operation === 'write';
    case 'artifactRead':
      return operation === 'open';
  }
}
