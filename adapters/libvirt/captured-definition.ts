import { createHash } from 'node:crypto';
import type { CapturedDefinition } from '../../application/ports/hypervisor-driver.ts';

/** A definition with the hash that tells it from every other. */
export function capturedDefinition(definition: string): CapturedDefinition {
  return { definition, sha256: createHash('sha256').update(definition).digest('hex') };
}
