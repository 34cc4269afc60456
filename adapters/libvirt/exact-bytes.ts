/**
 * Passes chunks on and throws when more come than announced, or fewer: libvirt calls a stream of any length a success,
 * and what would then stand on the host is not what was meant.
 */
export async function* exactBytes(sizeBytes: number, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let seenBytes = 0;
  for await (const chunk of bytes) {
    seenBytes += chunk.byteLength;
    if (seenBytes > sizeBytes) throw new Error(`more than the ${sizeBytes} bytes announced came`);
    yield chunk;
  }
  if (seenBytes < sizeBytes) throw new Error(`${seenBytes} of the ${sizeBytes} bytes announced came`);
}
