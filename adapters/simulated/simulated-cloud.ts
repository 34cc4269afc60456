import { createHash } from 'node:crypto';
import type { Clock } from '../../application/ports/clock.ts';
import type { HostName, Instant, InstanceId, MigrationId } from '../../domain/shared/ids.ts';
import { inState, isOn, ticksOf, type SimulatedGuest } from './simulated-guest.ts';
import { shareStorage, type HostCapacity, type SimulatedFile, type SimulatedHost } from './simulated-host.ts';

export type EffectName =
  | 'abortRequested'
  | 'directoryCreated'
  | 'directoryRemoved'
  | 'fileWritten'
  | 'fileRemoved'
  | 'guestBooted'
  | 'guestStopped'
  | 'guestPaused'
  | 'guestResumed'
  | 'guestRemoved'
  | 'guestPersisted'
  | 'incomingCreated'
  | 'migrationBegun'
  | 'migrationCancelled'
  | 'handedOver'
  | 'memoryReceived'
  | 'takenOver';

/** Something that changed on a host. Calls that found nothing to do leave none. */
export type SimulatedEffect = {
  readonly at: Instant;
  readonly host: HostName;
  readonly instanceId: InstanceId;
  readonly effect: EffectName;
  /** Only for files. */
  readonly file: string | null;
};

export type FileFacts = { readonly bytes: number; readonly sha256: string; readonly capacityBytes: number };
export type GuestFacts = SimulatedGuest & { readonly ticks: number };

/** `shared`: all hosts have the same directory for a server. */
export type SimulatedStorage = 'local' | 'shared';

const EFFECTS_MAX = 100_000;
const COPY_MS = 1000;
const DEFAULT_CAPACITY: HostCapacity = { vcpus: 16, memoryMiB: 65_536, diskGiB: 1024 };

/** A small cloud in memory: hosts, their instance directories and guests, and the order in which things happened. */
export class SimulatedCloud {
  readonly clock: Clock;
  readonly storage: SimulatedStorage;
  /** How long the copy of a live migration takes, of whatever size the guest is. */
  copyMs = COPY_MS;
  /** What happens to each migration under way when the process that drives it is gone. */
  readonly clients = new Set<() => void>();
  readonly #hosts = new Map<HostName, SimulatedHost>();
  readonly #sharedDirectories: SimulatedHost['directories'] = new Map();
  readonly #mostRunning = new Map<InstanceId, number>();
  #effects: SimulatedEffect[] = [];
  #boots = 0;

  constructor(clock: Clock, storage: SimulatedStorage = 'local') {
    this.clock = clock;
    this.storage = storage;
  }

  /** Adds a host, or gives the one that already has this name. */
  addHost(name: HostName, capacity: HostCapacity = DEFAULT_CAPACITY): SimulatedHost {
    const existing = this.#hosts.get(name);
    if (existing !== undefined) return existing;
    const host: SimulatedHost = {
      name,
      address: `192.0.2.${this.#hosts.size + 1}`,
      capacity,
      reachable: true,
      diskFull: false,
      supportsLiveMigrateRescued: true,
      directories: this.storage === 'shared' ? this.#sharedDirectories : new Map(),
      guests: new Map(),
      jobs: new Set(),
      dirtying: new Set(),
    };
    this.#hosts.set(name, host);
    return host;
  }

  hosts(): readonly HostName[] {
    return [...this.#hosts.keys()];
  }

  /** Throws for a name that was never added: a test or a configuration is wrong. */
  host(name: HostName): SimulatedHost {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new Error(`SimulatedCloud: there is no host ${name}`);
    return host;
  }

  nowMs(): number {
    return Date.parse(this.clock.now());
  }

  newBootId(): string {
    this.#boots += 1;
    return `boot-${this.#boots}`;
  }

  /** Where the server's processors turn at this moment. More than one host is the disaster this project is about. */
  runningCopies(instanceId: InstanceId): readonly HostName[] {
    return [...this.#hosts.values()].filter(({ guests }) => runs(guests.get(instanceId))).map(({ name }) => name);
  }

  /** The largest number of hosts that ran the server at the same moment since it was first booted. */
  mostRunningCopies(instanceId: InstanceId): number {
    return this.#mostRunning.get(instanceId) ?? 0;
  }

  /** Whether a server's directory is in use on another host than this one. */
  isUsedElsewhere(host: SimulatedHost, instanceId: InstanceId): boolean {
    const others = [...this.#hosts.values()].filter((other) => other !== host && shareStorage(other, host));
    return others.some(({ guests }) => guests.has(instanceId));
  }

  /** Names and hashes of the instance directory; null when there is none. */
  files(host: HostName, instanceId: InstanceId): ReadonlyMap<string, FileFacts> | null {
    const directory = this.host(host).directories.get(instanceId);
    if (directory === undefined) return null;
    return new Map([...directory.files].map(([name, file]) => [name, factsOf(file)]));
  }

  guest(host: HostName, instanceId: InstanceId): GuestFacts | null {
    const guest = this.host(host).guests.get(instanceId);
    return guest === undefined ? null : { ...guest, ticks: ticksOf(guest, this.nowMs()) };
  }

  /** What changed, in order; the oldest go when there are more than `EFFECTS_MAX`. */
  effects(): readonly SimulatedEffect[] {
    return this.#effects;
  }

  /** The host does not answer; its guests run on, as behind a cut cable. */
  hostDown(name: HostName): void {
    this.host(name).reachable = false;
  }

  hostUp(name: HostName): void {
    this.host(name).reachable = true;
  }

  /** The process that drove migrations here is gone, and its connections with it: what was begun over them ends. */
  loseClients(): void {
    for (const clientGone of this.clients) {
      this.clients.delete(clientGone);
      clientGone();
    }
  }

  /** The machine loses its power: running guests crash, incoming ones vanish, files stay. Down until `hostUp`. */
  losePower(name: HostName): void {
    const host = this.host(name);
    host.reachable = false;
    for (const [instanceId, guest] of host.guests) {
      if (guest.incoming) this.removeGuest(host, instanceId);
      else if (isOn(guest)) this.putGuest(host, instanceId, this.inState(guest, 'crashed'), 'guestStopped');
    }
  }

  inState(guest: SimulatedGuest, state: SimulatedGuest['state']): SimulatedGuest {
    return inState(guest, state, this.nowMs());
  }

  createDirectory(host: SimulatedHost, instanceId: InstanceId, ownerMigration: MigrationId | null): void {
    host.directories.set(instanceId, { ownerMigration, arriving: new Set(), files: new Map() });
    this.#note(host, instanceId, 'directoryCreated', null);
  }

  removeDirectory(host: SimulatedHost, instanceId: InstanceId): void {
    if (host.directories.delete(instanceId)) this.#note(host, instanceId, 'directoryRemoved', null);
  }

  /** Throws without a directory: whoever writes has looked. */
  writeFile(host: SimulatedHost, instanceId: InstanceId, name: string, file: SimulatedFile): void {
    const directory = host.directories.get(instanceId);
    if (directory === undefined) throw new Error(`writeFile: ${host.name} has no directory of ${instanceId}`);
    directory.files.set(name, file);
    this.#note(host, instanceId, 'fileWritten', name);
  }

  removeFile(host: SimulatedHost, instanceId: InstanceId, name: string): void {
    if (host.directories.get(instanceId)?.files.delete(name) === true) {
      this.#note(host, instanceId, 'fileRemoved', name);
    }
  }

  putGuest(host: SimulatedHost, instanceId: InstanceId, guest: SimulatedGuest, effect: EffectName): void {
    host.guests.set(instanceId, guest);
    this.#mostRunning.set(
      instanceId,
      Math.max(this.mostRunningCopies(instanceId), this.runningCopies(instanceId).length),
    );
    this.#note(host, instanceId, effect, null);
  }

  removeGuest(host: SimulatedHost, instanceId: InstanceId): void {
    if (host.guests.delete(instanceId)) this.#note(host, instanceId, 'guestRemoved', null);
  }

  #note(host: SimulatedHost, instanceId: InstanceId, effect: EffectName, file: string | null): void {
    this.#effects.push({ at: this.clock.now(), host: host.name, instanceId, effect, file });
    // Trimmed by half, so that a long-lived cloud does not copy the list at every effect.
    if (this.#effects.length > EFFECTS_MAX) this.#effects = this.#effects.slice(-EFFECTS_MAX / 2);
  }
}

const runs = (guest: SimulatedGuest | undefined): boolean => guest?.state === 'running';

function factsOf(file: SimulatedFile): FileFacts {
  return {
    bytes: file.content.byteLength,
    sha256: createHash('sha256').update(file.content).digest('hex'),
    capacityBytes: file.capacityBytes,
  };
}
