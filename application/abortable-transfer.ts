import type { ArtifactTransfer } from './ports/artifact-transfer.ts';
import type { Clock } from './ports/clock.ts';

/** How long bytes go on being sent after somebody has asked to stop, as long as any come. */
const ABORT_LOOK_MS = 500;
const ABORTED = 'The migration was aborted.';

/** The same transfer, whose writes fail once `isAborted` says so: large files take minutes, and nobody waits for them. */
export function abortableTransfer(
  transfer: ArtifactTransfer,
  clock: Clock,
  isAborted: () => Promise<boolean>,
): ArtifactTransfer {
  let [lookAgainAt, aborted] = [0, false];
  const look = async (): Promise<void> => {
    const now = Date.parse(clock.now());
    if (!aborted && now >= lookAgainAt) {
      lookAgainAt = now + ABORT_LOOK_MS;
      aborted = await isAborted();
    }
    if (aborted) throw new Error(ABORTED);
  };
  async function* heard(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    await look();
    for await (const chunk of bytes) {
      yield chunk;
      await look();
    }
  }
  return {
    open: (host, instanceId, name) => transfer.open(host, instanceId, name),
    write: (host, instanceId, name, content) =>
      transfer.write(host, instanceId, name, { ...content, bytes: heard(content.bytes) }),
    readBack: (host, instanceId, name, written) => transfer.readBack(host, instanceId, name, written),
    remove: (host, instanceId, name) => transfer.remove(host, instanceId, name),
  };
}
