import type { ArtifactContent } from './ports/artifact-transfer.ts';
import type { MigrationProgress, SourceFacts } from './ports/hypervisor-driver.ts';

const MIB = 1_048_576;

/** Counts the bytes of a migration's files beside those that the driver tells of, so that one bar shows all of them. */
export class CopiedBytes {
  readonly #facts: SourceFacts;
  readonly #changed: (progress: MigrationProgress) => void;
  #told: MigrationProgress;
  #copied = 0;

  constructor(facts: SourceFacts, changed: (progress: MigrationProgress) => void) {
    this.#facts = facts;
    this.#told = untold(facts);
    this.#changed = changed;
  }

  /** Of disks and files together, as far as is known. */
  get diskTotalBytes(): number {
    return this.#told.diskTotalBytes + this.#filesBytes;
  }

  /** What the driver says of memory and disks. */
  driverSays(progress: MigrationProgress): void {
    this.#told = continued(this.#told, progress);
    this.#tell();
  }

  /** Counts only the files that the source has told of: what comes from the image service is small. */
  counted(name: string, content: ArtifactContent): ArtifactContent {
    if (!this.#facts.files.some((file) => file.name === name)) return content;
    return { ...content, bytes: this.#counting(content.bytes) };
  }

  /** What was copied before this process counted. */
  arrived(names: readonly string[]): void {
    const files = this.#facts.files.filter(({ name }) => names.includes(name));
    this.#copied += files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    this.#tell();
  }

  async *#counting(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      yield chunk;
      this.#copied += chunk.byteLength;
      this.#tell();
    }
  }

  get #filesBytes(): number {
    return this.#facts.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  #tell(): void {
    const total = this.#filesBytes;
    const copied = Math.min(total, this.#copied);
    const told = this.#told;
    this.#changed({
      ...told,
      diskTotalBytes: told.diskTotalBytes + total,
      diskProcessedBytes: told.diskProcessedBytes + copied,
      diskRemainingBytes: told.diskRemainingBytes + total - copied,
    });
  }
}

/**
 * What a driver does not speak of is as it was: libvirt tells the size of the memory only when the disks have been
 * copied. When it then speaks of the memory alone, it has forgotten the disks because they are done.
 */
function continued(before: MigrationProgress, now: MigrationProgress): MigrationProgress {
  const [ofMemory, ofDisks] = [now.memoryTotalBytes > 0, now.diskTotalBytes > 0];
  return {
    ...before,
    ...(ofMemory && {
      memoryTotalBytes: now.memoryTotalBytes,
      memoryProcessedBytes: now.memoryProcessedBytes,
      memoryRemainingBytes: now.memoryRemainingBytes,
    }),
    ...(ofMemory && !ofDisks && { diskProcessedBytes: before.diskTotalBytes, diskRemainingBytes: 0 }),
    ...(ofDisks && {
      diskTotalBytes: now.diskTotalBytes,
      diskProcessedBytes: now.diskProcessedBytes,
      diskRemainingBytes: now.diskRemainingBytes,
    }),
  };
}

/** Before the driver has said anything: all of it is still to come. */
function untold({ disks, sharedDirectory, memoryMiB }: SourceFacts): MigrationProgress {
  const diskBytes = sharedDirectory ? 0 : disks.reduce((sum, { capacityBytes }) => sum + capacityBytes, 0);
  const memoryBytes = memoryMiB * MIB;
  return {
    memoryTotalBytes: memoryBytes,
    memoryProcessedBytes: 0,
    memoryRemainingBytes: memoryBytes,
    diskTotalBytes: diskBytes,
    diskProcessedBytes: 0,
    diskRemainingBytes: diskBytes,
  };
}
