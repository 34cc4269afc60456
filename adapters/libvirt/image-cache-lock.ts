import { setTimeout as delay } from 'node:timers/promises';
import { succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { isFileExists, isServerError, outcomeOf } from './call-outcome.ts';
import type { DirectoryPool } from './directory-pool.ts';
import type { LibvirtConnections } from './libvirt-connections.ts';
import type { RemoteStoragePool } from './rpc/remote-objects.ts';
import { STORAGE_VOL_CREATE_XML } from './rpc/storage-procedures.ts';
import { volumeDefinition } from './volume-definition.ts';

const SUFFIX = '.lock';
const POLL_MS = 250;

/** The image that a file of the cache is the lock of; null for another file. */
export const lockedName = (fileName: string): string | null =>
  fileName.endsWith(SUFFIX) ? fileName.slice(0, -SUFFIX.length) : null;

/**
 * Keeps the other processes, and the other hosts of a shared directory, away from an image of the cache while it is
 * placed, layered upon or removed: a file that only one can make. It stays when its maker dies, and is then taken away
 * by the clean-up of the cache.
 */
export class ImageCacheLock {
  readonly #connections: LibvirtConnections;
  readonly #directory: DirectoryPool;
  readonly #name: string;

  constructor(connections: LibvirtConnections, directory: DirectoryPool, imageName: string) {
    this.#connections = connections;
    this.#directory = directory;
    this.#name = `${imageName}${SUFFIX}`;
  }

  /** False: somebody has it, and has had it for so long. */
  async take(pool: RemoteStoragePool, patienceMs: number): Promise<Outcome<boolean>> {
    const args = { pool, xml: volumeDefinition({ name: this.#name, format: 'raw', capacityBytes: 0 }), flags: 0 };
    for (let waitedMs = 0; ; waitedMs += POLL_MS) {
      const made = await this.#connections.call(STORAGE_VOL_CREATE_XML, args);
      const isTaken = isServerError(made, 'VIR_ERR_STORAGE_VOL_EXIST') || isFileExists(made);
      if (made.outcome === 'succeeded') return succeeded(true);
      if (!isTaken) return outcomeOf(made, `creating ${this.#directory.path}/${this.#name}`);
      if (waitedMs >= patienceMs) return succeeded(false);
      await delay(POLL_MS);
    }
  }

  give(pool: RemoteStoragePool): Promise<Outcome<null>> {
    return this.#directory.removeFile(pool, this.#name);
  }
}
