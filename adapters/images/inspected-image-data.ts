import type { DiskFormat, ImageData } from '../../application/ports/image-service.ts';
import { INSPECTED_HEADER_BYTES, inspectImage } from './image-format-inspection.ts';

/** The content must not reach a host. `reason` is for the operator and the instance action. */
export class UnsafeImageError extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(`refused before any byte was handed on: the image ${reason}`);
    this.name = 'UnsafeImageError';
    this.reason = reason;
  }
}

/**
 * The same data, inspected before its first byte is handed on; reading throws `UnsafeImageError` for content that is
 * not what was declared or that refers outside itself. Holds back at most `INSPECTED_HEADER_BYTES` and one chunk.
 * For whoever puts an image on a host.
 */
export function inspectedImageData(declaredFormat: DiskFormat, data: ImageData): ImageData {
  return { ...data, bytes: inspectedBytes(declaredFormat, data) };
}

async function* inspectedBytes(declaredFormat: DiskFormat, data: ImageData): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] | null = [];
  let heldBytes = 0;
  for await (const chunk of data.bytes) {
    if (held === null) {
      yield chunk;
      continue;
    }
    if (chunk.byteLength === 0) continue;
    held.push(chunk);
    heldBytes += chunk.byteLength;
    if (heldBytes < INSPECTED_HEADER_BYTES) continue;
    refuseUnsafe(declaredFormat, held, data.sizeBytes);
    yield* held;
    held = null;
  }
  if (held !== null) {
    refuseUnsafe(declaredFormat, held, data.sizeBytes);
    yield* held;
  }
}

function refuseUnsafe(declaredFormat: DiskFormat, held: readonly Uint8Array[], sizeBytes: number): void {
  const header = Buffer.concat(held).subarray(0, INSPECTED_HEADER_BYTES);
  const inspection = inspectImage(declaredFormat, header, sizeBytes);
  if (!inspection.safe) throw new UnsafeImageError(inspection.reason);
}
