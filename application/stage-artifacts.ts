import type { PresentInstance } from '../domain/instance/instance-state.ts';
import {
  DEFINITION_FILE,
  sourceAfter,
  type ArtifactTransfer as PlannedTransfer,
} from '../domain/migration/rescue-artifacts.ts';
import type { StagedArtifact } from '../domain/migration/saga-events.ts';
import type { HostName, ImageId } from '../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../domain/shared/outcome.ts';
import type { CopiedBytes } from './copied-bytes.ts';
import type { ArtifactContent, ArtifactTransfer } from './ports/artifact-transfer.ts';
import type { CapturedDefinition } from './ports/hypervisor-driver.ts';
import type { ImageService } from './ports/image-service.ts';

/** Files on their way at one time; more would only share the same disks and sockets. */
export const STAGING_STREAMS_MAX = 4;

type Staging = {
  readonly images: ImageService;
  readonly transfer: ArtifactTransfer;
  readonly instance: PresentInstance;
  readonly source: HostName;
  readonly destination: HostName;
  /** The original definition as it reads on each of the two (HypervisorDriver.definitionHere). */
  readonly originalOn: (host: 'source' | 'destination') => Outcome<CapturedDefinition>;
  readonly copied: CopiedBytes;
};

/** Puts every planned artifact on the destination, verified. After the first failure no further one is begun. */
export async function stageArtifacts(
  staging: Staging,
  transfers: readonly PlannedTransfer[],
): Promise<Outcome<readonly StagedArtifact[]>> {
  const waiting = [...transfers];
  const staged = new Map<PlannedTransfer, StagedArtifact>();
  let failure: Exclude<Outcome<never>, { outcome: 'succeeded' }> | null = null;
  const stageNext = async (): Promise<void> => {
    for (let planned = waiting.shift(); planned !== undefined && failure === null; planned = waiting.shift()) {
      const answer = await stageArtifact(staging, planned);
      if (answer.outcome === 'succeeded') staged.set(planned, answer.value);
      else failure ??= answer;
    }
  };
  await Promise.all(Array.from({ length: STAGING_STREAMS_MAX }, stageNext));
  return failure ?? succeeded(transfers.flatMap((planned) => staged.get(planned) ?? []));
}

type Found = { readonly content: ArtifactContent; readonly origin: StagedArtifact['origin'] };

async function stageArtifact(staging: Staging, planned: PlannedTransfer): Promise<Outcome<StagedArtifact>> {
  const { transfer, instance, destination } = staging;
  const found = await find(staging, planned);
  if (found.outcome !== 'succeeded') return found;
  const { content, origin } = found.value;
  const counted = staging.copied.counted(planned.name, content);
  const stored = await transfer.store(destination, instance.instanceId, planned.name, counted);
  if (stored.outcome !== 'succeeded') return { outcome: stored.outcome, reason: `${planned.name}: ${stored.reason}` };
  return { outcome: 'succeeded', value: { name: planned.name, origin, ...stored.value } };
}

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
