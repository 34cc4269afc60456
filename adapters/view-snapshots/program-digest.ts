import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
/** All that decides what an event becomes in a view: its codec, its meaning, and the views. */
const SOURCES = ['domain', 'application', 'adapters/event-store'];

/**
 * Another text for every change of the code that makes views of events. Read from the source itself, which is what
 * runs, so nobody has to remember a version number. Called once, at the start.
 */
export function programDigest(): string {
  const digest = createHash('sha256');
  for (const folder of SOURCES) {
    const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    for (const name of files.toSorted()) {
      digest
        .update(`${folder}/${name}\0`)
        .update(readFileSync(join(ROOT, folder, name)))
        .update('\0');
    }
  }
  return digest.digest('hex');
}
