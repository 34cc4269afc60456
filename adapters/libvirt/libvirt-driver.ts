import type { Clock } from '../../application/ports/clock.ts';
import type {
  CapturedDefinition,
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
import type { GuestSnapshots } from '../../application/ports/guest-snapshots.ts';
import type { ImageService } from '../../application/ports/image-service.ts';
import type { RebootType } from '../../domain/instance/instance-events.ts';
import type { BootImages } from '../../domain/instance/boot-images.ts';
import type { TransferFigures } from '../../domain/migration/saga-events.ts';
import type { HostName, InstanceId } from '../../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { outcomeOf } from './call-outcome.ts';
import { capturedDefinition } from './captured-definition.ts';
import * as lifecycle from './guest-lifecycle.ts';
import { placeOn } from './guest-place.ts';
import { hostFacts } from './host-facts.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import { migrateGuest, type MigrationTools } from './migrate-guest.ts';
import type { MigrationSessions } from './migration-session.ts';
import * as levers from './migration-levers.ts';
import { DEFAULT_LIVE_MIGRATION, type LiveMigrationSettings } from './live-migration-settings.ts';
import { missingCapabilities, requireCapable } from './migration-requirements.ts';
import * as destination from './migration-destination.ts';
import * as source from './migration-source.ts';
import { leaveSharedDirectory, sharesDirectory } from './shared-directory.ts';
import { sharesDisks } from './shared-disks.ts';
import { placeDefinition } from './place-definition.ts';
import { resize } from './resize-guest.ts';
import { guestSnapshots } from './snapshot-guest.ts';
import * as rescueOperations from './rescue-operations.ts';
import { CONNECT_GET_HOSTNAME } from './rpc/procedures.ts';

const PING_DEADLINE_MS = 5000;

/** The hypervisor port on one host's libvirt. Holds connections and open migrations; the work is in the files beside it. */
export class LibvirtDriver implements HypervisorDriver {
  readonly host: HostName;
  readonly coldMigrations = null;
  readonly snapshots: GuestSnapshots | null;
  readonly #libvirt: LibvirtHost;
  readonly #images: ImageService;
  readonly #clock: Clock;
  readonly #settings: LiveMigrationSettings;
  readonly #sessions: MigrationSessions = new Map();

  constructor(
    libvirt: LibvirtHost,
    images: ImageService,
    clock: Clock,
    settings: LiveMigrationSettings = DEFAULT_LIVE_MIGRATION,
  ) {
    this.#settings = settings;
    this.host = libvirt.options.host;
    this.#libvirt = libvirt;
    this.#images = images;
    this.#clock = clock;
    this.snapshots = guestSnapshots(libvirt, images, clock);
  }

  capabilities(): DriverCapabilities {
    return { supportsLiveMigrateRescued: this.#libvirt.options.supportsLiveMigrateRescued };
  }

  hostFacts(): Promise<Outcome<HostFacts>> {
    return hostFacts(this.#libvirt);
  }

  async ping(): Promise<Outcome<null>> {
    const answer = await this.#libvirt.connections.call(CONNECT_GET_HOSTNAME, null, PING_DEADLINE_MS);
    return answer.outcome === 'succeeded' ? succeeded(null) : outcomeOf(answer, `asking whether ${this.host} is there`);
  }

  inquire(instanceId: InstanceId): Promise<Outcome<GuestPresence>> {
    return lifecycle.inquire(this.#libvirt, instanceId);
  }

  spawn(guest: GuestDescription): Promise<Outcome<null>> {
    return lifecycle.spawn(this.#libvirt, this.#images, guest);
  }

  stop(instanceId: InstanceId): Promise<Outcome<null>> {
    return lifecycle.stop(this.#libvirt, this.#clock, instanceId);
  }

  start(instanceId: InstanceId): Promise<Outcome<null>> {
    return lifecycle.start(this.#libvirt, instanceId);
  }

  pause(instanceId: InstanceId): Promise<Outcome<null>> {
    return lifecycle.pause(this.#libvirt, instanceId);
  }

  unpause(instanceId: InstanceId): Promise<Outcome<null>> {
    return lifecycle.unpause(this.#libvirt, instanceId);
  }

  suspend(instanceId: InstanceId): Promise<Outcome<null>> {
    return lifecycle.suspend(this.#libvirt, instanceId);
  }

  resume(instanceId: InstanceId): Promise<Outcome<null>> {
    return lifecycle.resume(this.#libvirt, instanceId);
  }

  reboot(instanceId: InstanceId, type: RebootType): Promise<Outcome<null>> {
    return lifecycle.reboot(this.#libvirt, this.#clock, instanceId, type);
  }

  resize(guest: GuestDescription, start: boolean): Promise<RescueOutcome> {
    return resize(this.#libvirt, this.#clock, guest, start);
  }

  destroy(instanceId: InstanceId): Promise<Outcome<null>> {
    return lifecycle.destroy(this.#libvirt, instanceId);
  }

  captureDefinition(instanceId: InstanceId): Promise<Outcome<CapturedDefinition>> {
    return rescueOperations.captureDefinition(this.#libvirt, instanceId);
  }

  rescue(guest: GuestDescription, rescueImages: BootImages, original: CapturedDefinition): Promise<RescueOutcome> {
    const tools = { host: this.#libvirt, images: this.#images, clock: this.#clock };
    return rescueOperations.rescue(tools, guest, rescueImages, original);
  }

  unrescue(instanceId: InstanceId, original: CapturedDefinition): Promise<Outcome<null>> {
    return rescueOperations.unrescue(this.#libvirt, instanceId, original);
  }

  /** What is configured and this host's software cannot do, a sentence each. */
  missingCapabilities(): Promise<Outcome<readonly string[]>> {
    return missingCapabilities(this.#libvirt, this.#settings);
  }

  async checkSource(description: MigrationDescription): Promise<Outcome<SourceFacts>> {
    const capable = await requireCapable(this.#libvirt, this.#settings);
    return capable.outcome === 'succeeded' ? source.checkSource(this.#libvirt, description) : capable;
  }

  migrateGuest(
    description: MigrationDescription,
    to: HypervisorDriver,
    facts: SourceFacts,
    listener: MigrationListener,
  ): Promise<Outcome<TransferFigures>> {
    if (!(to instanceof LibvirtDriver)) return Promise.resolve(failed(`${to.host} is not a libvirt host`));
    return migrateGuest(this.#ours(), { destination: to.#libvirt, description, facts, listener });
  }

  abortMigration(description: MigrationDescription): Promise<Outcome<null>> {
    return levers.abortMigration(this.#libvirt, description);
  }

  forceComplete(description: MigrationDescription): Promise<Outcome<null>> {
    return levers.forceComplete(this.#libvirt, description, this.#settings.postCopy);
  }

  confirmSource(description: MigrationDescription): Promise<Outcome<null>> {
    return source.confirmSource(this.#ours(), description);
  }

  restoreSource(description: MigrationDescription): Promise<Outcome<null>> {
    return source.restoreSource(this.#ours(), description);
  }

  clearSource(instanceId: InstanceId): Promise<Outcome<null>> {
    return source.clearSource(this.#libvirt, instanceId);
  }

  sharesDirectory(description: MigrationDescription, to: HypervisorDriver): Promise<Outcome<boolean>> {
    if (!(to instanceof LibvirtDriver)) return Promise.resolve(succeeded(false));
    return sharesDirectory(this.#libvirt, to.#libvirt, description);
  }

  sharesDisks(description: MigrationDescription, to: HypervisorDriver): Promise<Outcome<boolean>> {
    if (!(to instanceof LibvirtDriver)) return Promise.resolve(succeeded(false));
    return sharesDisks(this.#libvirt, to.#libvirt, description);
  }

  leaveSharedDirectory(description: MigrationDescription): Promise<Outcome<null>> {
    return leaveSharedDirectory(this.#libvirt, description);
  }

  async checkDestination(description: MigrationDescription, facts: SourceFacts): Promise<Outcome<null>> {
    const capable = await requireCapable(this.#libvirt, this.#settings);
    if (capable.outcome !== 'succeeded') return capable;
    return destination.checkDestination(this.#libvirt, description, facts);
  }

  definitionHere(guest: GuestDescription, { definition }: CapturedDefinition): Outcome<CapturedDefinition> {
    const place = placeOn(this.#libvirt.options, guest);
    if (place.outcome !== 'succeeded') return place;
    const placed = placeDefinition(definition, place.value);
    return placed.outcome === 'succeeded' ? succeeded(capturedDefinition(placed.value)) : placed;
  }

  prepareDestination(description: MigrationDescription, facts: SourceFacts): Promise<Outcome<null>> {
    return destination.prepareDestination(this.#libvirt, description, facts);
  }

  ownsDirectory(description: MigrationDescription): Promise<Outcome<boolean>> {
    return destination.ownsDirectory(this.#libvirt, description);
  }

  clearDestination(description: MigrationDescription): Promise<Outcome<null>> {
    return destination.clearDestination(this.#libvirt, description);
  }

  adoptAtDestination(description: MigrationDescription): Promise<Outcome<null>> {
    return destination.adoptAtDestination(this.#libvirt, description);
  }

  close(): Promise<void> {
    return this.#libvirt.connections.close();
  }

  #ours(): MigrationTools {
    return {
      source: this.#libvirt,
      images: this.#images,
      sessions: this.#sessions,
      settings: this.#settings,
      clock: this.#clock,
    };
  }
}
