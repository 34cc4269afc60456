import type { GuestSnapshots } from '../../application/ports/guest-snapshots.ts';
import type { ImageService } from '../../application/ports/image-service.ts';
import type {
  CapturedDefinition,
  ColdMigrations,
  DriverCapabilities,
  GuestDescription,
  GuestPresence,
  HostFacts,
  HypervisorDriver,
  MigrationDescription,
  MigrationListener,
  RescueOutcome,
  SourceFacts,
} from '../../application/ports/hypervisor-driver.ts';
import type { RebootType } from '../../domain/instance/instance-events.ts';
import type { BootImages } from '../../domain/instance/boot-images.ts';
import type { TransferFigures } from '../../domain/migration/saga-events.ts';
import type { HostName, InstanceId } from '../../domain/shared/ids.ts';
import { succeeded, unknown, type Outcome } from '../../domain/shared/outcome.ts';
import type { SimulatedCloud } from './simulated-cloud.ts';
import type { SimulatedFaults, SimulatedOperation } from './simulated-faults.ts';
import { coldMigrate } from './simulated-cold-migration.ts';
import * as lifecycle from './simulated-guest-lifecycle.ts';
import { unreachable, type SimulatedHostAccess } from './simulated-host-access.ts';
import * as destinationSide from './simulated-migration-destination.ts';
import { SimulatedImageService } from './simulated-image-service.ts';
import { migrateGuest } from './simulated-migration.ts';
import * as sourceSide from './simulated-migration-source.ts';
import * as rescueSide from './simulated-rescue.ts';
import { snapshot } from './simulated-snapshot.ts';

/** What drivers of one simulated cloud share. */
export type SimulatedParts = {
  readonly cloud: SimulatedCloud;
  readonly faults: SimulatedFaults;
  readonly images: ImageService;
  /** Where this driver's migrations are told that their process is gone; default: the cloud's. */
  readonly clients?: Set<() => void>;
};

/** The hypervisor of one host of the simulated cloud. Holds no state: drivers of two processes see the same host. */
export class SimulatedDriver implements HypervisorDriver {
  readonly host: HostName;
  readonly coldMigrations: ColdMigrations = {
    coldMigrate: (instanceId, destination, start) => this.#coldMigrate(instanceId, destination, start),
  };
  readonly snapshots: GuestSnapshots | null;
  readonly #access: SimulatedHostAccess;
  readonly #faults: SimulatedFaults;
  readonly #clients: Set<() => void>;

  /** Throws when the cloud has no host of this name. */
  constructor(host: HostName, { cloud, faults, images, clients = cloud.clients }: SimulatedParts) {
    this.host = host;
    this.#access = { cloud, images, host: cloud.host(host) };
    this.#faults = faults;
    this.#clients = clients;
    this.snapshots = images instanceof SimulatedImageService ? this.#snapshotsInto(images) : null;
  }

  capabilities(): DriverCapabilities {
    return { supportsLiveMigrateRescued: this.#access.host.supportsLiveMigrateRescued };
  }

  hostFacts(): Promise<Outcome<HostFacts>> {
    return this.#call('hostFacts', () => succeeded(lifecycle.hostFacts(this.#access)));
  }

  ping(): Promise<Outcome<null>> {
    return this.#call('ping', () => succeeded(null));
  }

  inquire(instanceId: InstanceId): Promise<Outcome<GuestPresence>> {
    return this.#call('inquire', () => succeeded(lifecycle.inquire(this.#access, instanceId)));
  }

  spawn(guest: GuestDescription): Promise<Outcome<null>> {
    return this.#call('spawn', () => lifecycle.spawn(this.#access, guest));
  }

  stop(instanceId: InstanceId): Promise<Outcome<null>> {
    return this.#call('stop', () => lifecycle.stop(this.#access, instanceId));
  }

  start(instanceId: InstanceId): Promise<Outcome<null>> {
    return this.#call('start', () => lifecycle.start(this.#access, instanceId));
  }

  pause(instanceId: InstanceId): Promise<Outcome<null>> {
    return this.#call('pause', () => lifecycle.pause(this.#access, instanceId));
  }

  unpause(instanceId: InstanceId): Promise<Outcome<null>> {
    return this.#call('unpause', () => lifecycle.unpause(this.#access, instanceId));
  }

  suspend(instanceId: InstanceId): Promise<Outcome<null>> {
    return this.#call('suspend', () => lifecycle.suspend(this.#access, instanceId));
  }

  resume(instanceId: InstanceId): Promise<Outcome<null>> {
    return this.#call('resume', () => lifecycle.resume(this.#access, instanceId));
  }

  reboot(instanceId: InstanceId, type: RebootType): Promise<Outcome<null>> {
    return this.#call('reboot', () => lifecycle.reboot(this.#access, instanceId, type));
  }

  async resize(guest: GuestDescription, start: boolean): Promise<RescueOutcome> {
    const ended = await this.#call('resize', () => lifecycle.resize(this.#access, guest, start));
    return ended.outcome === 'succeeded' ? ended : { ...ended, guestAffected: true };
  }

  destroy(instanceId: InstanceId): Promise<Outcome<null>> {
    return this.#call('destroy', () => lifecycle.destroy(this.#access, instanceId));
  }

  captureDefinition(instanceId: InstanceId): Promise<Outcome<CapturedDefinition>> {
    return this.#call('captureDefinition', () => rescueSide.captureDefinition(this.#access, instanceId));
  }

  async rescue(guest: GuestDescription, images: BootImages, original: CapturedDefinition): Promise<RescueOutcome> {
    let poweredOff = false;
    const ended = await this.#call('rescue', () =>
      rescueSide.rescue(this.#access, { guest, images, original }, () => {
        poweredOff = true;
      }),
    );
    if (ended.outcome === 'succeeded') return ended;
    // Nobody knows how far an unanswered call came, so the guest counts as touched.
    return { ...ended, guestAffected: poweredOff || ended.outcome === 'unknown' };
  }

  unrescue(instanceId: InstanceId, original: CapturedDefinition): Promise<Outcome<null>> {
    return this.#call('unrescue', () => rescueSide.unrescue(this.#access, instanceId, original));
  }

  checkSource(description: MigrationDescription): Promise<Outcome<SourceFacts>> {
    return this.#call('checkSource', () => sourceSide.checkSource(this.#access, description));
  }

  migrateGuest(
    description: MigrationDescription,
    destination: HypervisorDriver,
    _facts: SourceFacts,
    listener: MigrationListener,
  ): Promise<Outcome<TransferFigures>> {
    const { cloud, host: source } = this.#access;
    return this.#call('migrateGuest', () =>
      migrateGuest({
        cloud,
        faults: this.#faults,
        clients: this.#clients,
        source,
        destination: destination.host,
        description,
        listener,
      }),
    );
  }

  abortMigration(description: MigrationDescription): Promise<Outcome<null>> {
    return this.#call('abortMigration', () => sourceSide.abortMigration(this.#access, description));
  }

  forceComplete(description: MigrationDescription): Promise<Outcome<null>> {
    return this.#call('forceComplete', () => sourceSide.forceComplete(this.#access, description));
  }

  confirmSource(description: MigrationDescription): Promise<Outcome<null>> {
    return this.#call('confirmSource', () => sourceSide.confirmSource(this.#access, description));
  }

  restoreSource(description: MigrationDescription): Promise<Outcome<null>> {
    return this.#call('restoreSource', () => sourceSide.restoreSource(this.#access, description));
  }

  clearSource(instanceId: InstanceId): Promise<Outcome<null>> {
    return this.#call('clearSource', () => sourceSide.clearSource(this.#access, instanceId));
  }

  sharesDirectory(description: MigrationDescription, { host }: HypervisorDriver): Promise<Outcome<boolean>> {
    return this.#call('sharesDirectory', () => sourceSide.sharesDirectory(this.#access, host, description));
  }

  /** Asked of nobody: every disk lies in its server's directory. */
  readonly sharesDisks = (): Promise<Outcome<boolean>> => Promise.resolve(succeeded(true));

  leaveSharedDirectory(description: MigrationDescription): Promise<Outcome<null>> {
    return this.#call('leaveSharedDirectory', () => sourceSide.leaveSharedDirectory(this.#access, description));
  }

  checkDestination(description: MigrationDescription, source: SourceFacts): Promise<Outcome<null>> {
    return this.#call('checkDestination', () => destinationSide.checkDestination(this.#access, description, source));
  }

  definitionHere(_guest: GuestDescription, definition: CapturedDefinition): Outcome<CapturedDefinition> {
    return succeeded(definition);
  }

  prepareDestination(description: MigrationDescription, source: SourceFacts): Promise<Outcome<null>> {
    return this.#call('prepareDestination', () =>
      destinationSide.prepareDestination(this.#access, description, source),
    );
  }

  ownsDirectory({ migrationId, guest }: MigrationDescription): Promise<Outcome<boolean>> {
    const directory = this.#access.host.directories.get(guest.instanceId);
    return Promise.resolve(succeeded(directory?.ownerMigration === migrationId));
  }

  clearDestination(description: MigrationDescription): Promise<Outcome<null>> {
    return this.#call('clearDestination', () => destinationSide.clearDestination(this.#access, description));
  }

  adoptAtDestination(description: MigrationDescription): Promise<Outcome<null>> {
    return this.#call('adoptAtDestination', () => destinationSide.adoptAtDestination(this.#access, description));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #coldMigrate(instanceId: InstanceId, destination: HostName, start: boolean): Promise<RescueOutcome> {
    const ended = await this.#call('coldMigrate', () => coldMigrate(this.#access, instanceId, { destination, start }));
    return ended.outcome === 'succeeded' ? ended : { ...ended, guestAffected: true };
  }

  #snapshotsInto(images: SimulatedImageService): GuestSnapshots {
    return {
      snapshot: (instanceId, image) => this.#call('snapshot', () => snapshot(this.#access, images, instanceId, image)),
      discardSnapshot: (imageId) => this.#call('discardSnapshot', () => images.uploads.discard(imageId)),
    };
  }

  #call<Value>(
    operation: SimulatedOperation,
    perform: () => Outcome<Value> | Promise<Outcome<Value>>,
  ): Promise<Outcome<Value>> {
    const { host } = this.#access;
    return this.#faults.around(this.host, operation, async () => {
      if (!host.reachable) return unreachable(host);
      const ended = await perform();
      // It may have been done: only its answer is certain not to have come.
      return host.reachable ? ended : unknown('internal error: client socket is closed');
    });
  }
}
