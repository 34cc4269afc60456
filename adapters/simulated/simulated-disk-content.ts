import { z } from 'zod';

/** What a simulated disk holds: enough to tell which disk it is, and that its content came along. */
const diskContent = z.strictObject({ imageSha256: z.string(), boots: z.int().nonnegative() });

export type DiskContent = z.infer<typeof diskContent>;

/** Null for what is no simulated disk. */
export function readDiskContent(content: Uint8Array): DiskContent | null {
  try {
    return diskContent.parse(JSON.parse(Buffer.from(content).toString('utf8')));
  } catch {
    return null;
  }
}
