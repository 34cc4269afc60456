import { isOn } from '../../../adapters/simulated/simulated-guest.ts';
import type { DomainEvent } from '../../../application/ports/event-store.ts';
import { userId, type HostName, type InstanceId } from '../../../domain/shared/ids.ts';
import type { Invariant, Violation } from '../round.ts';
import { originalDiskHash } from './chaos-images.ts';
import { HOSTS, type ChaosWorld } from './chaos-world.ts';

/** After these the guest may be off, or another one, by its owner's will. */
const CHANGES_THE_GUEST: ReadonlySet<DomainEvent['type']> = new Set([
  'PowerActionRequested',
  'RescueRequested',
  'UnrescueRequested',
  'DeleteRequested',
]);

const OWN_USER = userId('lifeboat');

/** Looks at both hosts whenever anything changes there, and remembers what was ever wrong. */
export class Witness {
  readonly violations: Violation[] = [];
  readonly #world: ChaosWorld;
  /** The boot that must live on, once it is known and as long as nobody ended it. */
  #bootId: string | null = null;
  #mayBeOff = true;
  #mustHaveDisk = false;
  /** Whose copy of the guest is older than another one that has run since. */
  #stale: { readonly host: HostName; readonly bootId: string } | null = null;
  #deleted = false;

  constructor(world: ChaosWorld) {
    this.#world = world;
    world.cloud.watch((id, what) => this.#look(id, what));
    world.onRecorded((event) => {
      this.#noticeOwnWill(event);
      if (CHANGES_THE_GUEST.has(event.type)) this.release();
      if (event.type === 'DeleteRequested') this.#deleted = true;
    });
  }

  /** From now on the guest that runs must go on running, on whichever host. */
  protect(): void {
    const [running] = this.#copies((guest) => guest.state === 'running');
    this.#bootId = running?.bootId ?? null;
  }

  /** The guest was ended on purpose, or by a fault that ends guests. */
  release(): void {
    this.#bootId = null;
    this.#mayBeOff = true;
  }

  /** The boot under protection, or null. */
  get protectedBoot(): string | null {
    return this.#bootId;
  }

  /** False: the guest was booted, and nobody has ended it or asked for what ends it. */
  get mayBeOff(): boolean {
    return this.#mayBeOff;
  }

  /** True from the moment at which somebody asked for the end of the server. */
  get isDeleted(): boolean {
    return this.#deleted;
  }

  report(invariant: Invariant, what: string): void {
    // What goes on being wrong is told once.
    if (this.violations.some((violation) => violation.invariant === invariant)) return;
    this.violations.push({ invariant, what: `${this.#world.clock.now()} ${what}` });
  }

  #copies(wanted: (guest: CloudGuest) => boolean): readonly CloudGuest[] {
    const { cloud, instanceId } = this.#world;
    if (instanceId === null) return [];
    const guests = HOSTS.map((host) => cloud.guest(host, instanceId)).filter((guest) => guest !== null);
    return guests.filter(wanted);
  }

  /** What the program asks of itself is to follow the guest, and never to end one that runs. */
  #noticeOwnWill(event: DomainEvent): void {
    if (event.type !== 'PowerActionRequested' || event.initiator.userId !== OWN_USER) return;
    if (this.#copies((guest) => guest.state === 'running').length === 0) return;
    this.report('sameBoot', `nobody has asked for ${event.action}, and the guest runs`);
  }

  #look(id: InstanceId, what: string): void {
    if (what.startsWith('guestBooted')) this.#mayBeOff = false;
    const running = this.#world.cloud.runningCopies(id);
    if (running.length > 1) this.report('oneCopy', `runs on ${running.join(' and ')} after: ${what}`);
    const bootId = this.#bootId;
    // Running, paused, or on its way: its memory is there.
    if (bootId !== null && this.#copies((guest) => isOn(guest) && guest.bootId === bootId).length === 0) {
      this.report('oneCopy', `no copy is left after: ${what}`);
    }
    if (this.#mustHaveDisk && !this.#deleted && !HOSTS.some((host) => this.#originalDisk(host, id))) {
      this.report('disksIntact', `the original disk is gone after: ${what}`);
    }
    for (const host of running) this.#lookAtDisk(host, id, what);
    this.#lookAtStale(id, what);
  }

  /** What the guest has done since it arrived would be lost, and done twice, if the copy it left behind ran on. */
  #lookAtStale(id: InstanceId, what: string): void {
    const { cloud } = this.#world;
    if (this.#stale !== null) {
      const copy = cloud.guest(this.#stale.host, id);
      if (copy?.bootId !== this.#stale.bootId || copy.incoming) this.#stale = null;
      else if (copy.state === 'running') this.report('saidOnce', `the copy that was left behind runs after: ${what}`);
    }
    if (!what.startsWith('takenOver')) return;
    for (const host of HOSTS) {
      const copy = cloud.guest(host, id);
      if (copy?.outgoing?.handedOver === true && copy.bootId !== null) this.#stale = { host, bootId: copy.bootId };
    }
  }

  #lookAtDisk(host: HostName, id: InstanceId, what: string): void {
    if (this.#originalDisk(host, id)) this.#mustHaveDisk = true;
    else this.report('disksIntact', `runs on ${host} without its original disk after: ${what}`);
  }

  #originalDisk(host: HostName, id: InstanceId): boolean {
    const file = this.#world.cloud.host(host).directories.get(id)?.files.get('disk');
    return file !== undefined && Buffer.from(file.content).includes(originalDiskHash());
  }
}

type CloudGuest = NonNullable<ReturnType<ChaosWorld['cloud']['guest']>>;
