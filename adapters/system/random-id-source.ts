import { randomUUID } from 'node:crypto';
import type { IdSource } from '../../application/ports/id-source.ts';

/** Version 4 UUIDs from the operating system's random numbers. */
export class RandomIdSource implements IdSource {
  uuid(): string {
    return randomUUID();
  }
}
