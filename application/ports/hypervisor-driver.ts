import type { BlockMigration, RebootType } from '../../domain/instance/instance-events.ts';
import type { BootImages, FlavorSnapshot } from '../../domain/instance/boot-images.ts';
import type { NetworkInterface } from '../../domain/instance/network-interface.ts';
import type { GuestSnapshots } from './guest-snapshots.ts';
import type { CopiedFile } from '../../domain/migration/rescue-artifacts.ts';
import type { MigrationPhase, TransferFigures } from '../../domain/migration/saga-events.ts';
import type { HostName, ImageId, InstanceId, MigrationId, ProjectId } from '../../domain/shared/ids.ts';
import type { Outcome } from '../../domain/shared/outcome.ts';

/** What a driver needs to know of a server. */
export type GuestDescription = {
  readonly instanceId: InstanceId;
  readonly name: string;
  readonly flavor: FlavorSnapshot;
  readonly images: BootImages;
  readonly networkInterfaces: readonly NetworkInterface[];
  /** What the guest reads of itself from a disk; left out: it has no such disk. */
  readonly configDrive?: ConfigDriveFacts;
};

/** Nova's `meta_data.json`, as far as there is something to say. */
export type ConfigDriveFacts = {
  readonly hostname: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly projectId: ProjectId;
  readonly launchIndex: number;
  readonly availabilityZone: string | null;
  /** Base64; null: none. */
  readonly userData: string | null;
};

export type DriverCapabilities = {
  /** The Pike specification's capability; its absence is told in the instance action, never by the HTTP status. */
  readonly supportsLiveMigrateRescued: boolean;
};

/** What a host is and has. Units in the names. */
export type HostFacts = {
  readonly hypervisorHostname: string;
  readonly hypervisorType: string;
  /** libvirt's arithmetic: major * 1,000,000 + minor * 1,000 + release. */
  readonly hypervisorVersion: number;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly memoryFreeMiB: number;
  readonly diskGiB: number;
  readonly diskFreeGiB: number;
  readonly hostIp: string;
  readonly uptime: string;
};

/** The truth about one guest on one host, asked of the hypervisor and not of our records. */
export type GuestPresence =
  | { readonly presence: 'absent' }
  | {
      readonly presence: 'present';
      /**
       * `shutdown`: it has powered itself off, or was told to. `crashed`: its emulator is gone, and it may have powered
       * itself off if the hypervisor's daemon was down then. `neverStarted`: defined, but its start or its arrival
       * failed, so it has done nothing here. `unexplained`: off, and the daemon was started since and has forgotten why.
       */
      readonly power: 'running' | 'paused' | 'shutdown' | 'crashed' | 'neverStarted' | 'unexplained';
      /**
       * Waiting for, or in the middle of, an incoming migration: its memory is not the guest's yet. With `power`
       * running: post-copy is under way or broken, and neither side is whole without the other.
       */
      readonly incoming: boolean;
    };

export type CapturedDefinition = { readonly definition: string; readonly sha256: string };

/** One host's hypervisor. Every method may be repeated after a crash: it looks at what stands before it acts. */
export interface GuestLifecycle {
  readonly host: HostName;
  capabilities(): DriverCapabilities;
  hostFacts(): Promise<Outcome<HostFacts>>;
  /** Cheap liveness question, bounded by the driver's own deadline. */
  ping(): Promise<Outcome<null>>;
  inquire(instanceId: InstanceId): Promise<Outcome<GuestPresence>>;
  spawn(guest: GuestDescription): Promise<Outcome<null>>;
  stop(instanceId: InstanceId): Promise<Outcome<null>>;
  start(instanceId: InstanceId): Promise<Outcome<null>>;
  pause(instanceId: InstanceId): Promise<Outcome<null>>;
  unpause(instanceId: InstanceId): Promise<Outcome<null>>;
  /** Memory goes to disk and the guest is off; it counts as `shutdown`. Succeeds when that has been done already. */
  suspend(instanceId: InstanceId): Promise<Outcome<null>>;
  /** The guest goes on where `suspend` stopped it. Succeeds when it runs. */
  resume(instanceId: InstanceId): Promise<Outcome<null>>;
  reboot(instanceId: InstanceId, type: RebootType): Promise<Outcome<null>>;
  /** Gives the guest the memory, processors and (if larger) disk of `guest.flavor`; powers it off, and on when `start`. */
  resize(guest: GuestDescription, start: boolean): Promise<RescueOutcome>;
  /** Guest, definition and the whole instance directory; succeeds when nothing was there. */
  destroy(instanceId: InstanceId): Promise<Outcome<null>>;
}

export interface RescueOperations {
  /** The original machine's inactive definition, as `unrescue.xml` will hold it. Changes nothing. */
  captureDefinition(instanceId: InstanceId): Promise<Outcome<CapturedDefinition>>;
  /**
   * Writes `unrescue.xml` and the rescue files, powers off, boots the rescue definition. `failed` before the power-off
   * leaves the guest as it was: then `guestAffected` is false.
   */
  rescue(guest: GuestDescription, rescueImages: BootImages, original: CapturedDefinition): Promise<RescueOutcome>;
  /** Boots the original machine from `unrescue.xml` (rebuilt from `original` when lost) and removes the rescue files. */
  unrescue(instanceId: InstanceId, original: CapturedDefinition): Promise<Outcome<null>>;
}

export type RescueOutcome =
  | { readonly outcome: 'succeeded'; readonly value: null }
  | { readonly outcome: 'failed' | 'unknown'; readonly reason: string; readonly guestAffected: boolean };

/** What the destination needs to know, and the source to compare. */
export type MigrationDescription = {
  readonly migrationId: MigrationId;
  readonly guest: GuestDescription;
  readonly rescued: boolean;
  /** Of a rescued server, as it was recorded: what it will be once more must be possible at the destination too. */
  readonly original: CapturedDefinition | null;
  readonly blockMigration: BlockMigration;
  /** Of the rescue disk; left out: the server is not rescued. */
  readonly rescueImageId?: ImageId;
};

/** A disk that libvirt's block copy will fill. */
export type DiskToCopy = {
  readonly fileName: string;
  readonly targetDevice: string;
  readonly format: 'raw' | 'qcow2';
  readonly capacityBytes: number;
  /** The image that it is layered on; left out: it stands alone. Only the layer is copied. */
  readonly cachedImage?: CachedImageFile;
};

/** An image as a file of a host's image cache; its name there tells which image it is, on every host. */
export type CachedImageFile = { readonly name: string; readonly sizeBytes: number };

/** What the source tells: which disks travel by block copy, which files as they are, and how large the guest is. */
export type SourceFacts = {
  readonly disks: readonly DiskToCopy[];
  /** Everything else in the server's directory that belongs to the server. */
  readonly files: readonly CopiedFile[];
  /** Where disks lie in a storage pool outside of that directory. They stay: the destination must have the same pool. */
  readonly pooledDisks: readonly string[];
  /** Both hosts have the same directory for the server: nothing is copied, and the two lists are empty. */
  readonly sharedDirectory: boolean;
  readonly memoryMiB: number;
  /** The running guest's, as libvirt would send it. */
  readonly definition: string;
};

export type MigrationProgress = {
  readonly memoryTotalBytes: number;
  readonly memoryProcessedBytes: number;
  readonly memoryRemainingBytes: number;
  readonly diskTotalBytes: number;
  readonly diskProcessedBytes: number;
  readonly diskRemainingBytes: number;
};

export type MigrationListener = {
  /** Awaited: the phase is in the log before the next one begins. Throws when it may not begin; the driver then stops. */
  readonly phaseReached: (phase: MigrationPhase) => Promise<void>;
  readonly progressed: (progress: MigrationProgress) => void;
};

/** The source's half; `destination` is always a driver of the same kind, handed in by the caller. */
export interface LiveMigrationSource<Destination> {
  /** As for hosts that share nothing. */
  checkSource(description: MigrationDescription): Promise<Outcome<SourceFacts>>;
  /**
   * Whether both hosts have the same directory for the server: a probe that is made here is looked for there, and taken
   * away again. False when there is no directory here.
   */
  sharesDirectory(description: MigrationDescription, destination: Destination): Promise<Outcome<boolean>>;
  /** Whether the storage pool that the server's disks lie in is one that the destination has too, with all of them. */
  sharesDisks(description: MigrationDescription, destination: Destination): Promise<Outcome<boolean>>;
  /**
   * Begin, Prepare, Perform and Finish, of a guest whose disks are still those of `facts`. `succeeded`: the destination
   * runs the guest, the source copy is paused and waits for `confirmSource`. `failed`: the source runs it, or will after
   * `restoreSource`. After `unknown` nothing is assumed.
   */
  migrateGuest(
    description: MigrationDescription,
    destination: Destination,
    facts: SourceFacts,
    listener: MigrationListener,
  ): Promise<Outcome<TransferFigures>>;
  /**
   * Asks the running copy of this migration to stop, from whatever process; succeeds when none runs or it has ended.
   * What became of it is the answer of `migrateGuest`. Fails where it cannot be stopped any more (post-copy). A
   * migration that has not begun to copy is stopped by its listener instead.
   */
  abortMigration(description: MigrationDescription): Promise<Outcome<null>>;
  /**
   * Lets the running copy of this migration end however much the guest writes, from whatever process: it goes on at
   * the destination before its memory has come (post-copy, where configured and possible), or stands still until it
   * has arrived. It runs again on whichever host it ends on. Fails when no copy of this migration runs.
   */
  forceComplete(description: MigrationDescription): Promise<Outcome<null>>;
  /** Confirm: the paused source copy and its definition go. Only called once the destination is known to run it. */
  confirmSource(description: MigrationDescription): Promise<Outcome<null>>;
  /** Confirm with "cancelled", or resume by hand: the guest runs on the source again. */
  restoreSource(description: MigrationDescription): Promise<Outcome<null>>;
  /** The instance directory on the source goes. Refuses while a guest is defined there. */
  clearSource(instanceId: InstanceId): Promise<Outcome<null>>;
  /** Instead of `clearSource` where the destination has the same directory: only what the migration itself made goes. */
  leaveSharedDirectory(description: MigrationDescription): Promise<Outcome<null>>;
}

export interface LiveMigrationDestination {
  /** Everything that can be known before something is created; `failed` carries the refusal for the operator. */
  checkDestination(description: MigrationDescription, source: SourceFacts): Promise<Outcome<null>>;
  /** The definition, which may come from any host, as it has to read on this one. Changes nothing. */
  definitionHere(guest: GuestDescription, definition: CapturedDefinition): Outcome<CapturedDefinition>;
  /** The directory, and what stands in it before anything is copied; nothing in a shared directory. Fails with DestinationDiskExists when a foreign directory is in the way. */
  prepareDestination(description: MigrationDescription, source: SourceFacts): Promise<Outcome<null>>;
  /** Whether this migration has made the directory here, so that what stands in it may go. */
  ownsDirectory(description: MigrationDescription): Promise<Outcome<boolean>>;
  /**
   * Everything that `prepareDestination` and an abandoned guest left: one that was incoming, never started, died, or is
   * off for a reason nobody remembers, and was not adopted. Refuses while a guest runs here, or has switched itself off.
   */
  clearDestination(description: MigrationDescription): Promise<Outcome<null>>;
  /** Confirms that the guest runs here and is defined persistently. */
  adoptAtDestination(description: MigrationDescription): Promise<Outcome<null>>;
}

/** Moves a guest that is switched off. */
export interface ColdMigrations {
  /**
   * The guest is switched off and copied, disks and all, to a host of the same kind; runs there when `start`. The copy
   * here stays as it is until `destroy`, so that `start` gives it back.
   */
  coldMigrate(instanceId: InstanceId, destination: HostName, start: boolean): Promise<RescueOutcome>;
}

/** Everything one host's hypervisor can be asked. */
export interface HypervisorDriver
  extends GuestLifecycle, RescueOperations, LiveMigrationSource<HypervisorDriver>, LiveMigrationDestination {
  /** Null: this kind of hypervisor moves only guests that run. */
  readonly coldMigrations: ColdMigrations | null;
  /** Null: nothing here can store an image. */
  readonly snapshots: GuestSnapshots | null;
  close(): Promise<void>;
}
