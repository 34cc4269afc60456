import { createHash } from 'node:crypto';
import type {
  ArtifactContent,
  ArtifactTransfer,
  OpenedArtifact,
  StoredArtifact,
} from '../../application/ports/artifact-transfer.ts';
import type { ArtifactName } from '../../domain/migration/rescue-artifacts.ts';
import type { HostName, InstanceId } from '../../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import type { SimulatedCloud } from './simulated-cloud.ts';
import type { Fault, Perform, SimulatedFaults, SimulatedOperation } from './simulated-faults.ts';
import { diskFreeBytes, directoryPath, filePath } from './simulated-host.ts';
import { noSpace, unreachable } from './simulated-host-access.ts';

const CHUNK_BYTES = 65_536;
/** Files are kept in memory. */
const ARTIFACT_BYTES_MAX = 67_108_864;

type Place = { readonly host: HostName; readonly instanceId: InstanceId; readonly name: ArtifactName };

/** Moves files between the instance directories of the simulated cloud. */
export class SimulatedArtifactTransfer implements ArtifactTransfer {
  readonly #cloud: SimulatedCloud;
  readonly #faults: SimulatedFaults;

  constructor(cloud: SimulatedCloud, faults: SimulatedFaults) {
    this.#cloud = cloud;
    this.#faults = faults;
  }

  async open(host: HostName, instanceId: InstanceId, name: ArtifactName): Promise<OpenedArtifact> {
    const ended = await this.#call<OpenedArtifact>(host, 'open', async (fault) =>
      succeeded(this.#found({ host, instanceId, name }, fault)),
    );
    return ended.outcome === 'succeeded' ? ended.value : { answer: 'failed', reason: ended.reason };
  }

  write(
    host: HostName,
    instanceId: InstanceId,
    name: ArtifactName,
    content: ArtifactContent,
  ): Promise<Outcome<StoredArtifact>> {
    return this.#call(host, 'write', (fault) => this.#write({ host, instanceId, name }, content, fault));
  }

  readBack(
    host: HostName,
    instanceId: InstanceId,
    name: ArtifactName,
    written: StoredArtifact,
  ): Promise<Outcome<null>> {
    return this.#call(host, 'readBack', async () => this.#verified({ host, instanceId, name }, written.sha256));
  }

  remove(host: HostName, instanceId: InstanceId, name: ArtifactName): Promise<Outcome<null>> {
    return this.#call(host, 'remove', async () => {
      this.#cloud.removeFile(this.#cloud.host(host), instanceId, name);
      return succeeded(null);
    });
  }

  #call<Value>(host: HostName, operation: SimulatedOperation, perform: Perform<Value>): Promise<Outcome<Value>> {
    return this.#faults.around(host, operation, async (fault) => {
      const target = this.#cloud.host(host);
      return target.reachable ? perform(fault) : unreachable(target);
    });
  }

  #found({ host, instanceId, name }: Place, fault: Fault | null): OpenedArtifact {
    const file = this.#cloud.host(host).directories.get(instanceId)?.files.get(name);
    if (file === undefined || fault?.fault === 'notFound') return { answer: 'notFound' };
    const bytes = chunksOf(file.content, fault?.fault === 'truncated');
    return { answer: 'found', content: { sizeBytes: file.content.byteLength, sha256: null, bytes } };
  }

  async #write(place: Place, content: ArtifactContent, fault: Fault | null): Promise<Outcome<StoredArtifact>> {
    const path = filePath(place.instanceId, place.name);
    const target = this.#cloud.host(place.host);
    // Gone from the start, so that a failure on the way can not leave the old file in place of the new one.
    this.#cloud.removeFile(target, place.instanceId, place.name);
    const received = await receivedWhole(content);
    if (received.outcome !== 'succeeded') return received;
    if (!target.reachable) return unreachable(target);
    if (!target.directories.has(place.instanceId)) {
      return failed(`cannot open directory '${directoryPath(place.instanceId)}': No such file or directory`);
    }
    if (diskFreeBytes(target) < received.value.byteLength) return noSpace(path);
    const written = asTheDiskHasIt(received.value, fault);
    const file = { content: written, capacityBytes: written.byteLength };
    this.#cloud.writeFile(target, place.instanceId, place.name, file);
    return succeeded({ bytes: received.value.byteLength, sha256: sha256(received.value) });
  }

  /** Reads back what the host holds now, not what was sent. */
  #verified({ host, instanceId, name }: Place, sent: string): Outcome<null> {
    const target = this.#cloud.host(host);
    const file = target.directories.get(instanceId)?.files.get(name);
    if (file === undefined) return failed(`${filePath(instanceId, name)} is gone after it was written`);
    if (sha256(file.content) === sent) return succeeded(null);
    return failed(`${filePath(instanceId, name)} differs from what was written`);
  }
}

async function receivedWhole({ sizeBytes, sha256: expected, bytes }: ArtifactContent): Promise<Outcome<Uint8Array>> {
  if (sizeBytes > ARTIFACT_BYTES_MAX) return failed(`an artifact has at most ${ARTIFACT_BYTES_MAX} bytes`);
  const chunks: Uint8Array[] = [];
  let read = 0;
  try {
    for await (const chunk of bytes) {
      read += chunk.byteLength;
      if (read > sizeBytes) return failed(`the source gave more than the ${sizeBytes} bytes it had announced`);
      chunks.push(chunk);
    }
  } catch (error) {
    return failed(`the source broke off: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (read !== sizeBytes) return failed(`the source gave ${read} of ${sizeBytes} bytes`);
  const whole = Buffer.concat(chunks);
  const actual = sha256(whole);
  if (expected !== null && expected !== actual) return failed(`the source's hash is ${actual}, expected ${expected}`);
  return succeeded(whole);
}

function asTheDiskHasIt(content: Uint8Array, fault: Fault | null): Uint8Array {
  // A broken upload leaves a file of full size: only its hash tells.
  if (fault?.fault === 'truncated') return content.map((byte, index) => (index * 2 < content.length ? byte : 0));
  if (fault?.fault === 'corruptOnWrite') return content.map((byte, index) => (index === 0 ? byte ^ 1 : byte));
  return content;
}

async function* chunksOf(content: Uint8Array, breaksOff: boolean): AsyncGenerator<Uint8Array> {
  const end = breaksOff ? Math.floor(content.byteLength / 2) : content.byteLength;
  for (let offset = 0; offset < end; offset += CHUNK_BYTES) {
    yield content.slice(offset, Math.min(offset + CHUNK_BYTES, end));
  }
  if (breaksOff) throw new Error('internal error: client socket is closed');
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
