import type { Clock } from '../../application/ports/clock.ts';
import type { GuestSnapshots } from '../../application/ports/guest-snapshots.ts';
import type { ImageService, ImageUploads, NewImage } from '../../application/ports/image-service.ts';
import type { InstanceId } from '../../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { copyLiveDisk, endCopy } from './copy-live-disk.ts';
import { diskNameOf } from './disk-names.ts';
import { definitionFacts, type FileDisk } from './domain-disks.ts';
import { FILES } from './guest-definition.ts';
import type { InstanceDirectory } from './instance-directory.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import { findRootDisk } from './root-disk.ts';
import type { RemoteDomain, RemoteStoragePool } from './rpc/remote-objects.ts';

/** In the server's directory while its image is made, and no longer. */
const COPY = 'disk.snapshot';

type Tools = { readonly host: LibvirtHost; readonly clock: Clock; readonly uploads: ImageUploads };

/** Null where images can only be read. */
export function guestSnapshots(host: LibvirtHost, { uploads }: ImageService, clock: Clock): GuestSnapshots | null {
  if (uploads === null) return null;
  return {
    snapshot: (instanceId, image) => snapshot({ host, clock, uploads }, instanceId, image),
    discardSnapshot: (imageId) => uploads.discard(imageId),
  };
}

/**
 * libvirt makes a copy of the root disk beside it, whole and with no file behind it, and the copy is stored: nobody can
 * read a disk that a guest is writing, and nothing is told of the files that it may be layered on.
 */
async function snapshot(tools: Tools, instanceId: InstanceId, image: NewImage): Promise<Outcome<null>> {
  const { host, uploads } = tools;
  const found = await host.lookUp(instanceId);
  if (found.outcome !== 'succeeded') return found;
  if (found.value === null) return failed(`${host.options.host} has no guest ${instanceId}`);
  const directory = host.directory(instanceId);
  const pool = await directory.ensure();
  if (pool.outcome !== 'succeeded') return pool;
  const reserved = await uploads.reserve(image);
  if (reserved.outcome !== 'succeeded') return reserved;
  const copy = { directory, pool: pool.value };
  const copied = await copyRootDisk(tools, instanceId, found.value, copy);
  const stored = copied.outcome === 'succeeded' ? await store(tools, image, copy, copied.value) : copied;
  const removed = await directory.removeFile(pool.value, COPY);
  return stored.outcome === 'succeeded' ? removed : stored;
}

type Copy = { readonly directory: InstanceDirectory; readonly pool: RemoteStoragePool };
type Format = 'raw' | 'qcow2';

async function copyRootDisk(
  { host, clock }: Tools,
  instanceId: InstanceId,
  domain: RemoteDomain,
  copy: Copy,
): Promise<Outcome<Format>> {
  const definition = await host.definition(domain, 0);
  if (definition.outcome !== 'succeeded') return definition;
  const disk = definitionFacts(definition.value).disks.find(({ path }) => diskNameOf(path, instanceId) === FILES.disk);
  if (disk === undefined) return failed(`${domain.name} has no disk that an image could be made of`);
  const format = disk.format === 'qcow2' ? 'qcow2' : 'raw';
  const presence = await host.presence(domain);
  if (presence.outcome !== 'succeeded') return presence;
  const power = presence.value.presence === 'present' ? presence.value.power : 'shutdown';
  const isInUse = power === 'running' || power === 'paused';
  const copied = isInUse
    ? await copyInUse({ host, clock, domain }, disk, copy)
    : await copyAtRest(host, instanceId, format, copy);
  return copied.outcome === 'succeeded' ? succeeded(format) : copied;
}

async function copyInUse(
  live: { readonly host: LibvirtHost; readonly clock: Clock; readonly domain: RemoteDomain },
  disk: FileDisk,
  { directory, pool }: Copy,
): Promise<Outcome<null>> {
  const ended = await endCopy(live, disk);
  if (ended.outcome !== 'succeeded') return ended;
  // libvirt makes the file itself, so that QEMU may write it.
  const removed = await directory.removeFile(pool, COPY);
  return removed.outcome === 'succeeded' ? copyLiveDisk(live, disk, `${directory.path}/${COPY}`) : removed;
}

async function copyAtRest(
  host: LibvirtHost,
  instanceId: InstanceId,
  format: Format,
  { directory, pool }: Copy,
): Promise<Outcome<null>> {
  const root = await findRootDisk(host, instanceId);
  if (root.outcome !== 'succeeded') return root;
  const { volumes } = root.value;
  const source = await volumes.volume(root.value.pool, root.value.name);
  if (source.outcome !== 'succeeded') return source;
  if (source.value === null) return failed(`${volumes.path}/${root.value.name} does not exist`);
  const size = await volumes.measure(source.value);
  if (size.outcome !== 'succeeded') return size;
  const made = await directory.copyFrom(
    pool,
    { name: COPY, format, capacityBytes: size.value.capacityBytes },
    source.value,
  );
  return made.outcome === 'succeeded' ? succeeded(null) : made;
}

async function store(
  { uploads, clock }: Tools,
  { id }: NewImage,
  { directory }: Copy,
  diskFormat: Format,
): Promise<Outcome<null>> {
  // Found anew: libvirt has not seen a file that QEMU has made.
  const pool = await directory.find();
  if (pool.outcome !== 'succeeded') return pool;
  const volume = pool.value === null ? succeeded(null) : await directory.volume(pool.value, COPY);
  if (volume.outcome !== 'succeeded') return volume;
  if (volume.value === null) return failed(`${directory.path}/${COPY} has disappeared`);
  const size = await directory.measure(volume.value);
  if (size.outcome !== 'succeeded') return size;
  const bytes = await directory.download(volume.value);
  if (bytes.outcome !== 'succeeded') return bytes;
  return uploads.upload(id, { diskFormat, sizeBytes: size.value.fileBytes, bytes: bytes.value, at: clock.now() });
}
