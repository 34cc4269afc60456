import type { PresentInstance } from '../domain/instance/instance-state.ts';
import {
  DEFINITION_FILE,
  sourceAfter,
  type ArtifactTransfer as PlannedTransfer,
} from '../domain/migration/rescue-artifacts.ts';
import type { StagedArtifact } from '../domain/migration/saga-events.ts';
import type { HostName, ImageId } from '../domain/shared/ids.ts';
import { allOf, failed, succeeded, type Outcome } from '../domain/shared/outcome.ts';
import type { CopiedBytes } from './copied-bytes.ts';
import type { ArtifactContent, ArtifactTransfer } from './ports/artifact-transfer.ts';
import type { CapturedDefinition } from './ports/hypervisor-driver.ts';
import type { ImageService } from './ports/image-service.ts';

/** Files on their way at one time; more would only share the same disks and sockets. */
export const STAGING_STREAMS_MAX = 4;

export type Staging = {
  readonly images: ImageService;
  readonly transfer: ArtifactTransfer;
  readonly instance: PresentInstance;
  readonly source: HostName;
  readonly destination: HostName;
  /** The original definition as it reads on each of the two (HypervisorDriver.definitionHere). */
  readonly originalOn: (host: 'source' | 'destination') => Outcome<CapturedDefinition>;
  readonly copied: CopiedBytes;
};

/** Puts every planned artifact on the destination, and reads it back. After the first failure no further one is begun. */
export async function stageArtifacts(
  staging: Staging,
  transfers: readonly PlannedTransfer[],
): Promise<Outcome<readonly StagedArtifact[]>> {
  return severalAtATime(transfers, async (planned) => {
    const written = await writeArtifact(staging, planned);
    return written.outcome === 'succeeded' ? readBackArtifact(staging, written.value) : written;
  });
}

/** As `stageArtifacts`, but what the destination has of it is not known before `readBackArtifacts`. */
export async function writeArtifacts(
  staging: Staging,
  transfers: readonly PlannedTransfer[],
): Promise<Outcome<readonly StagedArtifact[]>> {
  return severalAtATime(transfers, (planned) => writeArtifact(staging, planned));
}

/** The other half: fails for the first file that the destination has not got as it was sent. Changes nothing there. */
export async function readBackArtifacts(
  staging: ReadingBack,
  written: readonly StagedArtifact[],
): Promise<Outcome<readonly StagedArtifact[]>> {
  return severalAtATime(written, (artifact) => readBackArtifact(staging, artifact));
}

/** In the order of `items`, whichever ends first. */
async function severalAtATime<Item, Value>(
  items: readonly Item[],
  perform: (item: Item) => Promise<Outcome<Value>>,
): Promise<Outcome<readonly Value[]>> {
  const waiting = [...items.entries()];
  const ended: Outcome<Value>[] = [];
  let failure: Outcome<Value> | null = null;
  const performNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && failure === null; next = waiting.shift()) {
      const [index, item] = next;
      const outcome = await perform(item);
      ended[index] = outcome;
      if (outcome.outcome !== 'succeeded') failure ??= outcome;
    }
  };
  await Promise.all(Array.from({ length: STAGING_STREAMS_MAX }, performNext));
  return allOf(failure === null ? ended : [failure]);
}

type Found = { readonly content: ArtifactContent; readonly origin: StagedArtifact['origin'] };

async function writeArtifact(staging: Staging, planned: PlannedTransfer): Promise<Outcome<StagedArtifact>> {
  const { transfer, instance, destination } = staging;
  const found = await find(staging, planned);
  if (found.outcome !== 'succeeded') return found;
  const { content, origin } = found.value;
  const counted = staging.copied.counted(planned.name, content);
  const written = await transfer.write(destination, instance.instanceId, planned.name, counted);
  if (written.outcome !== 'succeeded') return about(planned.name, written);
  return succeeded({ name: planned.name, origin, ...written.value });
}

type ReadingBack = Pick<Staging, 'transfer' | 'instance' | 'destination'>;

async function readBackArtifact(
  { transfer, instance, destination }: ReadingBack,
  written: StagedArtifact,
): Promise<Outcome<StagedArtifact>> {
  const read = await transfer.readBack(destination, instance.instanceId, written.name, written);
  return read.outcome === 'succeeded' ? succeeded(written) : about(written.name, read);
}

const about = (name: string, ended: Exclude<Outcome<unknown>, { outcome: 'succeeded' }>): Outcome<never> => ({
  ...ended,
  reason: `${name}: ${ended.reason}`,
});

function find(staging: Staging, planned: PlannedTransfer): Promise<Outcome<Found>> {
  if (planned.imageId !== null) return imageFile(staging, planned, planned.imageId);
  return planned.name === DEFINITION_FILE ? definition(staging, planned) : fromSourceHost(staging, planned);
}

async function imageFile(staging: Staging, planned: PlannedTransfer, imageId: ImageId): Promise<Outcome<Found>> {
  const answer = await staging.images.fetch(imageId);
  const next = sourceAfter(
    answer.answer === 'found' ? 'fetched' : answer.answer === 'failed' ? 'imageServiceFailed' : answer.answer,
  );
  if (next === 'sourceHost') return fromSourceHost(staging, planned);
  if (answer.answer === 'failed')
    return failed(`${planned.name}: the image service failed for ${imageId}: ${answer.reason}`);
  if (answer.answer === 'imageNotFound')
    throw new Error('imageFile: an image that was not found is on the source host');
  return { outcome: 'succeeded', value: { content: answer.value, origin: 'imageService' } };
}

async function fromSourceHost(
  { transfer, instance, source }: Staging,
  planned: PlannedTransfer,
): Promise<Outcome<Found>> {
  const opened = await transfer.open(source, instance.instanceId, planned.name);
  if (opened.answer === 'found')
    return { outcome: 'succeeded', value: { content: opened.content, origin: 'sourceHost' } };
  return failed(
    opened.answer === 'notFound'
      ? `${planned.name}: neither the image service nor ${source} has it`
      : `${planned.name}: ${source} could not be read: ${opened.reason}`,
  );
}

/**
 * `unrescue.xml`, made for the destination from what was recorded when the rescue began (design decision 3). The file on
 * the source host is only looked at, so that the log tells whether it was lost or altered.
 */
async function definition(
  { transfer, instance, source, originalOn }: Staging,
  planned: PlannedTransfer,
): Promise<Outcome<Found>> {
  const before = originalOn('source');
  if (before.outcome !== 'succeeded') return before;
  const after = originalOn('destination');
  if (after.outcome !== 'succeeded') return after;
  const recorded = Buffer.from(before.value.definition);
  const opened = await transfer.open(source, instance.instanceId, planned.name);
  const found = opened.answer === 'found' ? await readWhole(opened.content, recorded.length) : null;
  const origin = found !== null && recorded.equals(found) ? 'sourceHost' : 'eventLog';
  const content = contentOf(Buffer.from(after.value.definition), after.value.sha256);
  return { outcome: 'succeeded', value: { content, origin } };
}

/** Null when it is longer than expected, or breaks off: then it is not the file that was written. */
async function readWhole({ bytes }: ArtifactContent, expectedBytes: number): Promise<Buffer | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of bytes) {
      size += chunk.length;
      if (size > expectedBytes) return null;
      chunks.push(chunk);
    }
  } catch {
    return null;
  }
  return Buffer.concat(chunks);
}

function contentOf(bytes: Uint8Array, sha256: string): ArtifactContent {
  return {
    sizeBytes: bytes.length,
    sha256,
    bytes: (async function* whole() {
      yield bytes;
    })(),
  };
}
