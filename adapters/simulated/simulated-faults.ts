import type { ArtifactTransfer } from '../../application/ports/artifact-transfer.ts';
import type { GuestSnapshots } from '../../application/ports/guest-snapshots.ts';
import type { ColdMigrations, HypervisorDriver } from '../../application/ports/hypervisor-driver.ts';
import type { HostName } from '../../domain/shared/ids.ts';
import { impossible } from '../../domain/shared/impossible.ts';
import { failed, unknown, type Outcome } from '../../domain/shared/outcome.ts';
import type { SimulatedCloud } from './simulated-cloud.ts';

export type PhaseBoundary =
  'migrateGuest:begun' | 'migrateGuest:prepared' | 'migrateGuest:performing' | 'migrateGuest:finished';

/** What a fault can be put on: a method of either port, or one phase of `migrateGuest` (on the source's host). */
export type SimulatedOperation =
  | Exclude<keyof HypervisorDriver, 'host' | 'capabilities' | 'coldMigrations' | 'snapshots' | 'close'>
  | keyof ColdMigrations
  | keyof GuestSnapshots
  | keyof ArtifactTransfer
  | PhaseBoundary;

/** Something happens to a host at this moment; then the call goes on. */
type HostFault = { readonly fault: 'hostDown' | 'hostUp' | 'losePower' | 'diskFull'; readonly host: HostName };

export type Fault =
  | { readonly fault: 'failBefore' | 'failAfter'; readonly reason: string }
  | { readonly fault: 'unknownBefore' | 'unknownAfter' | 'hang' }
  | { readonly fault: 'lateEffect' | 'delay'; readonly milliseconds: number }
  | HostFault
  /** Only for artifact transfer: what the disk holds is not what was written, or the source breaks off, or is gone. */
  | { readonly fault: 'corruptOnWrite' | 'truncated' | 'notFound' };

/** Nothing happened, and the caller is told so. */
export const failBefore = (reason: string): Fault => ({ fault: 'failBefore', reason });
/** The effect stands, the caller is told that it failed. */
export const failAfter = (reason: string): Fault => ({ fault: 'failAfter', reason });
/** The request was lost: nothing happened, nobody knows. */
export const unknownBefore = (): Fault => ({ fault: 'unknownBefore' });
/** The reply was lost: the effect stands, nobody knows. */
export const unknownAfter = (): Fault => ({ fault: 'unknownAfter' });
/** The caller is told "unknown" at once, and the effect lands later. */
export const lateEffect = (milliseconds: number): Fault => ({ fault: 'lateEffect', milliseconds });
/** Effect and answer come later; from the deadline on it is a late effect. */
export const delay = (milliseconds: number): Fault => ({ fault: 'delay', milliseconds });
/** Nothing happens and no answer comes until the deadline. */
export const hang = (): Fault => ({ fault: 'hang' });
export const hostDown = (host: HostName): Fault => ({ fault: 'hostDown', host });
export const hostUp = (host: HostName): Fault => ({ fault: 'hostUp', host });
export const losePower = (host: HostName): Fault => ({ fault: 'losePower', host });
export const diskFull = (host: HostName): Fault => ({ fault: 'diskFull', host });
export const corruptOnWrite = (): Fault => ({ fault: 'corruptOnWrite' });
export const truncated = (): Fault => ({ fault: 'truncated' });
export const notFound = (): Fault => ({ fault: 'notFound' });

/** How long the simulated adapters wait for an answer. */
export const CALL_DEADLINE_MS = 30_000;

const LOST = 'internal error: client socket is closed';
const NO_ANSWER = `no answer within ${CALL_DEADLINE_MS} ms`;

/** From here on the guest may run on the destination, and the port forbids to say `failed`. */
const PAST_THE_PIVOT: ReadonlySet<SimulatedOperation> = new Set(['migrateGuest', 'migrateGuest:finished']);

type Call = { readonly host: HostName; readonly operation: SimulatedOperation };

export type Perform<Value> = (fault: Fault | null) => Promise<Outcome<Value>>;

/** The script of what goes wrong: one fault for one call, in the order in which they were put. */
export class SimulatedFaults {
  readonly #cloud: SimulatedCloud;
  #script: readonly { readonly host: HostName | '*'; readonly operation: SimulatedOperation; readonly fault: Fault }[] =
    [];

  #onTheirWay: readonly Call[] = [];

  constructor(cloud: SimulatedCloud) {
    this.#cloud = cloud;
  }

  /** The next call of `operation` on `host` (`*`: on any) meets `fault`; the one after it the next fault, or none. */
  next(host: HostName | '*', operation: SimulatedOperation, fault: Fault): void {
    this.#script = [...this.#script, { host, operation, fault }];
  }

  /** How many faults nobody has met yet: a test that ends with some has not tested what it says. */
  unmet(): number {
    return this.#script.length;
  }

  /** True while a call that was answered, or given up, has not had its effect yet. */
  isOnItsWay(host: HostName, operation: SimulatedOperation): boolean {
    return this.#onTheirWay.some((late) => late.host === host && late.operation === operation);
  }

  /** Performs a call as the script says. `perform` is handed the faults that only it can play. */
  async around<Value>(host: HostName, operation: SimulatedOperation, perform: Perform<Value>): Promise<Outcome<Value>> {
    const fault = this.#take(host, operation);
    if (fault === null) return perform(null);
    switch (fault.fault) {
      case 'failBefore':
        return failed(fault.reason);
      case 'failAfter': {
        const ended = await perform(fault);
        const forbidden = PAST_THE_PIVOT.has(operation) && ended.outcome !== 'failed';
        return forbidden ? unknown(fault.reason) : failed(fault.reason);
      }
      case 'unknownBefore':
        return unknown(LOST);
      case 'unknownAfter':
        await perform(fault);
        return unknown(LOST);
      case 'hang':
        await this.#cloud.clock.sleep(CALL_DEADLINE_MS);
        return unknown(NO_ANSWER);
      case 'lateEffect':
        void this.#late({ host, operation }, fault.milliseconds, () => perform(fault));
        return unknown(LOST);
      case 'delay':
        return this.#delayed({ host, operation }, fault.milliseconds, () => perform(fault));
      case 'hostDown':
      case 'hostUp':
      case 'losePower':
      case 'diskFull':
        this.#strike(fault);
        return perform(fault);
      case 'corruptOnWrite':
      case 'truncated':
      case 'notFound':
        return perform(fault);
      default:
        return impossible(fault, 'SimulatedFaults.around');
    }
  }

  #take(host: HostName, operation: SimulatedOperation): Fault | null {
    const index = this.#script.findIndex(
      (entry) => entry.operation === operation && (entry.host === '*' || entry.host === host),
    );
    const entry = this.#script[index];
    if (entry === undefined) return null;
    this.#script = this.#script.toSpliced(index, 1);
    return entry.fault;
  }

  async #late<Value>(
    call: Call,
    milliseconds: number,
    perform: () => Promise<Outcome<Value>>,
  ): Promise<Outcome<Value>> {
    this.#onTheirWay = [...this.#onTheirWay, call];
    await this.#cloud.clock.sleep(milliseconds);
    const ended = await perform();
    this.#onTheirWay = this.#onTheirWay.filter((other) => other !== call);
    return ended;
  }

  async #delayed<Value>(
    call: Call,
    milliseconds: number,
    perform: () => Promise<Outcome<Value>>,
  ): Promise<Outcome<Value>> {
    const answer = this.#late(call, milliseconds, perform);
    if (milliseconds < CALL_DEADLINE_MS) return answer;
    await this.#cloud.clock.sleep(CALL_DEADLINE_MS);
    return unknown(NO_ANSWER);
  }

  #strike({ fault, host }: HostFault): void {
    switch (fault) {
      case 'hostDown':
        return this.#cloud.hostDown(host);
      case 'hostUp':
        return this.#cloud.hostUp(host);
      case 'losePower':
        return this.#cloud.losePower(host);
      case 'diskFull':
        this.#cloud.host(host).diskFull = true;
    }
  }
}
