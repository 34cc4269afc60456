import type { InstanceId } from '../../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { bootDisk, bootFiles, type SimulatedDefinition } from './simulated-definition.ts';
import { readDiskContent, type DiskContent } from './simulated-disk-content.ts';
import type { FetchedImage } from './simulated-image-fetch.ts';
import { filePath, memoryFreeMiB, type SimulatedFile } from './simulated-host.ts';
import { cannotStat, type SimulatedHostAccess } from './simulated-host-access.ts';

/** An image that was made of a simulated disk goes on where that disk was. */
export function diskFromImage({ sha256, disk }: FetchedImage, capacityBytes: number): SimulatedFile {
  return diskFile({ imageSha256: sha256, boots: disk?.boots ?? 0 }, capacityBytes);
}

/** Defines the guest persistently and starts it. Counts the boot on the boot disk, as a real guest's log would. */
export function boot(
  { cloud, host }: SimulatedHostAccess,
  instanceId: InstanceId,
  definition: SimulatedDefinition,
): Outcome<null> {
  const files = host.directories.get(instanceId)?.files;
  const missing = [...definition.disks.map(({ file }) => file), ...bootFiles(definition)].find(
    (name) => files?.has(name) !== true,
  );
  if (missing !== undefined) return cannotStat(filePath(instanceId, missing));
  if (memoryFreeMiB(host) < definition.memoryMiB) {
    return failed(`internal error: cannot set up guest memory: Cannot allocate memory`);
  }
  const bootedFrom = bootDisk(definition);
  const counted = withBootCounted(files?.get(bootedFrom));
  if (counted === null) return failed(`internal error: ${filePath(instanceId, bootedFrom)} holds no bootable disk`);
  cloud.writeFile(host, instanceId, bootedFrom, counted);
  const guest = {
    state: 'running',
    incoming: false,
    outgoing: null,
    definition,
    persistent: true,
    bootId: cloud.newBootId(),
    bootedFrom,
    ranMs: 0,
    runningSinceMs: cloud.nowMs(),
  } as const;
  cloud.putGuest(host, instanceId, guest, 'guestBooted');
  return succeeded(null);
}

function withBootCounted(file: SimulatedFile | undefined): SimulatedFile | null {
  if (file === undefined) return null;
  const content = readDiskContent(file.content);
  return content === null ? null : diskFile({ ...content, boots: content.boots + 1 }, file.capacityBytes);
}

function diskFile(content: DiskContent, capacityBytes: number): SimulatedFile {
  return { content: Buffer.from(`${JSON.stringify(content)}\n`), capacityBytes };
}
