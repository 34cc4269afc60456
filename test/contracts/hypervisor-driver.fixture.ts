import type { ArtifactTransfer } from '../../application/ports/artifact-transfer.ts';
import type {
  GuestDescription,
  HypervisorDriver,
  MigrationDescription,
  MigrationListener,
  MigrationProgress,
  SourceFacts,
} from '../../application/ports/hypervisor-driver.ts';
import type { ImageService } from '../../application/ports/image-service.ts';
import type { BootImages } from '../../domain/instance/boot-images.ts';
import { planArtifacts } from '../../domain/migration/rescue-artifacts.ts';
import type { MigrationPhase } from '../../domain/migration/saga-events.ts';
import { migrationId, type HostName, type InstanceId } from '../../domain/shared/ids.ts';
import type { Outcome } from '../../domain/shared/outcome.ts';
import { storeArtifact } from '../support/store-artifact.ts';

/** What a running guest says of itself: the only witness that is neither the driver nor the hypervisor. */
export type GuestVoice = {
  /** New at every boot, kept by a live migration. */
  readonly bootId: string;
  readonly bootedFrom: 'disk' | 'disk.rescue';
  /** How often the guest's original disk (for a rescued guest: its rescue disk) was booted, counted on that disk. */
  readonly diskBoots: number;
  /** Counts while the guest runs. */
  readonly ticks: number;
};

/** Two hosts, without anything of ours on them, and what is needed to look at them from outside. */
export type HypervisorPair = {
  readonly hosts: readonly [HostName, HostName];
  readonly images: ImageService;
  readonly transfer: ArtifactTransfer;
  /** What servers are rescued with; kernel and ramdisk included. */
  readonly rescueImages: BootImages;
  driver(host: HostName): HypervisorDriver;
  /** A driver of the same host with nothing of its own in memory, as after a restart or beside this process. */
  driverOfAnotherProcess(host: HostName): HypervisorDriver;
  /** A driver of the same host that lacks `supportsLiveMigrateRescued`. */
  driverWithoutRescuedMigration(host: HostName): HypervisorDriver;
  /** A server with a new id, small enough for both hosts, with kernel and ramdisk images. Nothing is created. */
  newGuest(): GuestDescription;
  /** Waits, bounded, until the guest that now runs on this host has said something since the call. */
  listen(host: HostName, instanceId: InstanceId): Promise<GuestVoice>;
  /** Names in the instance directory, sorted; null when there is no directory. */
  files(host: HostName, instanceId: InstanceId): Promise<readonly string[] | null>;
  dispose(): Promise<void>;
};

/** A stage boots a guest at most twice; on real hosts a boot takes seconds. */
export type ContractTimeouts = { readonly setUpMs: number; readonly stageMs: number };

export type OpenPair = () => HypervisorPair;

export function valueOf<Value>(outcome: Outcome<Value>): Value {
  if (outcome.outcome !== 'succeeded') throw new Error(`expected success, got ${outcome.outcome}: ${outcome.reason}`);
  return outcome.value;
}

export function refusalOf(outcome: Outcome<unknown>): string {
  if (outcome.outcome !== 'failed') throw new Error(`expected a failure, got ${JSON.stringify(outcome)}`);
  return outcome.reason;
}

/** Does it twice: every method of the port may be repeated after a crash. */
export async function twice<Value>(act: () => Promise<Outcome<Value>>): Promise<Value> {
  valueOf(await act());
  return valueOf(await act());
}

export function describeMigration(guest: GuestDescription, rescued: boolean): MigrationDescription {
  return { migrationId: migrationId(crypto.randomUUID()), guest, rescued, original: null, blockMigration: true };
}

/** Brings everything that block copy does not bring, as the saga's stageArtifacts does. */
export async function stageArtifacts(
  pair: Pick<HypervisorPair, 'hosts' | 'images' | 'transfer'>,
  guest: GuestDescription,
  rescued: BootImages | null,
) {
  const [source, destination] = pair.hosts;
  for (const { name, imageId } of planArtifacts(guest.images, rescued)) {
    if (imageId === null) {
      const opened = await pair.transfer.open(source, guest.instanceId, name);
      if (opened.answer !== 'found') throw new Error(`${name} on ${source}: ${opened.answer}`);
      valueOf(await storeArtifact(pair.transfer, destination, guest.instanceId, name, opened.content));
    } else {
      const fetched = await pair.images.fetch(imageId);
      if (fetched.answer !== 'found') throw new Error(`image of ${name}: ${fetched.answer}`);
      valueOf(
        await storeArtifact(pair.transfer, destination, guest.instanceId, name, { ...fetched.value, sha256: null }),
      );
    }
  }
}

export async function prepareAndStage(
  pair: HypervisorPair,
  description: MigrationDescription,
  facts: SourceFacts,
): Promise<void> {
  valueOf(await pair.driver(pair.hosts[1]).prepareDestination(description, facts));
  await stageArtifacts(pair, description.guest, description.rescued ? pair.rescueImages : null);
}

export type RecordingListener = MigrationListener & {
  readonly phases: readonly MigrationPhase[];
  readonly progress: readonly MigrationProgress[];
};

/** Writes down what it hears; `at` runs inside of the awaited callback. */
export function recordingListener(at: (phase: MigrationPhase) => Promise<void> = async () => {}): RecordingListener {
  const phases: MigrationPhase[] = [];
  const progress: MigrationProgress[] = [];
  return {
    phases,
    progress,
    phaseReached: async (phase) => {
      phases.push(phase);
      await at(phase);
    },
    progressed: (figures) => {
      progress.push(figures);
    },
  };
}
