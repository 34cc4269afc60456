import type { Clock } from '../../application/ports/clock.ts';
import type { Log } from '../../application/ports/log.ts';
import { clearImageCache, emptyMemory } from '../libvirt/clear-image-cache.ts';
import type { LibvirtHost } from '../libvirt/libvirt-host.ts';

type Dependencies = {
  readonly hosts: readonly LibvirtHost[];
  /** Whether it is this process that serves the host, at this moment. */
  readonly serves: (host: LibvirtHost) => boolean;
  readonly clock: Clock;
  readonly log: Log;
};

/** Takes images that no disk is layered on any more out of the caches of this process's hosts. */
export class ImageCacheWatch {
  readonly #dependencies: Dependencies;
  readonly #memories = new Map<LibvirtHost, ReturnType<typeof emptyMemory>>();

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** Looks again and again until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const watched = this.#dependencies.hosts.flatMap((host) => {
      const { options } = host.imageCache;
      return options === null ? [] : [this.#watch(host, options.lookEveryMs, signal)];
    });
    await Promise.all(watched);
  }

  async #watch(host: LibvirtHost, lookEveryMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#dependencies.clock.sleep(lookEveryMs, signal);
      if (!signal.aborted && this.#dependencies.serves(host)) await this.#look(host);
    }
  }

  async #look(host: LibvirtHost): Promise<void> {
    const { clock, log } = this.#dependencies;
    const memory = this.#memories.get(host) ?? emptyMemory();
    this.#memories.set(host, memory);
    const removed = await clearImageCache(host, memory, Date.parse(clock.now()));
    const place = { host: host.options.host, path: host.imageCache.directory.path };
    if (removed.outcome !== 'succeeded') {
      log.warn({ ...place, reason: removed.reason }, 'The image cache could not be looked at; nothing is removed.');
    } else if (removed.value.length > 0) {
      log.info({ ...place, images: removed.value }, 'Images that no disk is layered on were removed from the cache.');
    }
  }
}
