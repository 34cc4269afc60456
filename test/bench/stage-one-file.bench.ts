import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { LibvirtVolumeArtifactTransfer } from '../../adapters/artifacts/libvirt-volume-artifact-transfer.ts';
import { LibvirtHost } from '../../adapters/libvirt/libvirt-host.ts';
import { instanceId } from '../../domain/shared/ids.ts';
import { libvirtOptions, type ReachableHost } from '../lab/libvirt-options.ts';
import { storeArtifact } from '../support/store-artifact.ts';

// Run as a process of its own by staging-memory.ts, so that nothing else counts: stages two files as a migration does
// (volume streams, hashed, read back) and prints how much memory was resident at the most. The first of them is always
// the same; it brings code, connections and heap to their working size.
const host = z.object({
  name: z.string(),
  socketPath: z.string(),
  instancesPath: z.string(),
  migrationAddress: z.string(),
});
const artifact = z.enum(['kernel', 'kernel.rescue', 'ramdisk.rescue']);
const task = z.object({ source: host, destination: host, server: z.string(), files: z.tuple([artifact, artifact]) });

const hostOf = (facts: ReachableHost): LibvirtHost => new LibvirtHost(libvirtOptions({ facts }));
const { files, server, ...ends } = task.parse(JSON.parse(process.argv[2] ?? 'null'));
const [source, destination] = [hostOf(ends.source), hostOf(ends.destination)];
const transfer = new LibvirtVolumeArtifactTransfer([source, destination]);

async function stage(name: z.infer<typeof artifact>): Promise<void> {
  const found = await transfer.open(source.options.host, instanceId(server), name);
  if (found.answer !== 'found') throw new Error(`${name} is ${found.answer}`);
  const stored = await storeArtifact(transfer, destination.options.host, instanceId(server), name, found.content);
  if (stored.outcome !== 'succeeded') throw new Error(stored.reason);
  await transfer.remove(destination.options.host, instanceId(server), name);
}

/** Not getrusage's maximum, which begins with what the parent had when it started this process. */
function peakBytes(): number {
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  if (peak === undefined) throw new Error('the kernel does not tell the peak of the resident memory');
  return Number(peak) * 1024;
}

await stage(files[0]);
// Has the kernel take the memory that is resident now for the peak (proc(5), clear_refs).
writeFileSync('/proc/self/clear_refs', '5');
const warmBytes = peakBytes();
await stage(files[1]);
const told = { warmBytes, peakBytes: peakBytes() };
await Promise.all([source, destination].map(({ connections }) => connections.close()));
console.log(JSON.stringify(told));
