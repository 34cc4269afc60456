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
import type { InstanceDirectory } from '../libvirt/instance-directory.ts';
import type { LibvirtHost } from '../libvirt/libvirt-host.ts';
import { hashed, volumeDigest } from '../libvirt/volume-digest.ts';

/** Artifacts as volumes of the server's directory, streamed through libvirt: no ssh, no agent on the hosts. */
export class LibvirtVolumeArtifactTransfer implements ArtifactTransfer {
  readonly #hosts: ReadonlyMap<HostName, LibvirtHost>;

  constructor(hosts: readonly LibvirtHost[]) {
    this.#hosts = new Map(hosts.map((host) => [host.options.host, host]));
  }

  async open(host: HostName, instanceId: InstanceId, name: ArtifactName): Promise<OpenedArtifact> {
    const directory = this.#directory(host, instanceId);
    if (directory === null) return { answer: 'failed', reason: `${host} is not a libvirt host of this process` };
    const pool = await directory.find();
    if (pool.outcome !== 'succeeded') return { answer: 'failed', reason: pool.reason };
    if (pool.value === null) return { answer: 'notFound' };
    const volume = await directory.volume(pool.value, name);
    if (volume.outcome !== 'succeeded') return { answer: 'failed', reason: volume.reason };
    if (volume.value === null) return { answer: 'notFound' };
    const size = await directory.measure(volume.value);
    if (size.outcome !== 'succeeded') return { answer: 'failed', reason: size.reason };
    const bytes = await directory.download(volume.value);
    if (bytes.outcome !== 'succeeded') return { answer: 'failed', reason: bytes.reason };
    return { answer: 'found', content: { sizeBytes: size.value.fileBytes, sha256: null, bytes: bytes.value } };
  }

  async write(
    host: HostName,
    instanceId: InstanceId,
    name: ArtifactName,
    content: ArtifactContent,
  ): Promise<Outcome<StoredArtifact>> {
    const directory = this.#directory(host, instanceId);
    if (directory === null) return failed(`${host} is not a libvirt host of this process`);
    const written = await write(directory, name, content);
    if (written.outcome !== 'succeeded') await this.remove(host, instanceId, name);
    return written;
  }

  async readBack(
    host: HostName,
    instanceId: InstanceId,
    name: ArtifactName,
    written: StoredArtifact,
  ): Promise<Outcome<null>> {
    const directory = this.#directory(host, instanceId);
    if (directory === null) return failed(`${host} is not a libvirt host of this process`);
    return readBack(directory, name, written);
  }

  async remove(host: HostName, instanceId: InstanceId, name: ArtifactName): Promise<Outcome<null>> {
    const directory = this.#directory(host, instanceId);
    if (directory === null) return failed(`${host} is not a libvirt host of this process`);
    const pool = await directory.find();
    if (pool.outcome !== 'succeeded') return pool;
    return pool.value === null ? succeeded(null) : directory.removeFile(pool.value, name);
  }

  #directory(host: HostName, instanceId: InstanceId): InstanceDirectory | null {
    return this.#hosts.get(host)?.directory(instanceId) ?? null;
  }
}

async function write(
  directory: InstanceDirectory,
  name: ArtifactName,
  content: ArtifactContent,
): Promise<Outcome<StoredArtifact>> {
  const pool = await directory.pool();
  if (pool.outcome !== 'succeeded') return pool;
  if (pool.value === null) return failed(`${directory.path} does not exist`);
  const volume = await directory.create(pool.value, { name, format: 'raw', capacityBytes: content.sizeBytes });
  if (volume.outcome !== 'succeeded') return volume;
  // A hash that is known beforehand proves the copy by itself, and saves one reading of every byte.
  const known = content.sha256;
  const hash = createHash('sha256');
  const bytes = known === null ? hashed(content.bytes, hash) : content.bytes;
  const written = await directory.upload(volume.value, content.sizeBytes, bytes);
  if (written.outcome !== 'succeeded') return written;
  return succeeded({ bytes: content.sizeBytes, sha256: known ?? hash.digest('hex') });
}

async function readBack(
  directory: InstanceDirectory,
  name: ArtifactName,
  written: StoredArtifact,
): Promise<Outcome<null>> {
  const pool = await directory.pool();
  if (pool.outcome !== 'succeeded') return pool;
  const volume = pool.value === null ? succeeded(null) : await directory.volume(pool.value, name);
  if (volume.outcome !== 'succeeded') return volume;
  if (volume.value === null) return failed(`${directory.path}/${name} does not exist`);
  const found = await volumeDigest(directory, volume.value);
  if (found.outcome !== 'succeeded') return found;
  const { bytes, sha256 } = found.value;
  return sha256 === written.sha256 && bytes === written.bytes
    ? succeeded(null)
    : failed(`the file on the host has SHA-256 ${sha256}, expected was ${written.sha256}`);
}
