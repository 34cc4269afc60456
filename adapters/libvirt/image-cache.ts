import { createHash } from 'node:crypto';
import { inTurn } from '../../application/in-turn.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { IMAGE_CACHE, type CachedImage } from './cached-image.ts';
import { DirectoryPool } from './directory-pool.ts';
import { ImageCacheLock } from './image-cache-lock.ts';
import type { ImageContent } from './image-content.ts';
import { imagesInUse } from './images-in-use.ts';
import type { LibvirtConnections } from './libvirt-connections.ts';
import type { ImageCacheOptions, LibvirtHostOptions } from './libvirt-host-options.ts';
import type { RemoteStoragePool, RemoteStorageVolume } from './rpc/remote-objects.ts';
import { writeVerified } from './verified-file.ts';
import { volumeLayer } from './volume-layer.ts';

/** Beside an image that was read back whole; what has no such file is not used. */
export const verifiedMark = (name: string): string => `${name}.verified`;
/** What an image is made raw from, while that lasts. */
export const sourceOf = (name: string): string => `${name}.part`;

/** How long another process may keep an image before a server gets a whole copy of its own instead. */
const LOCK_PATIENCE_MS = 60_000;
/** libvirt looks at no directory in which a file is being converted, which takes as long as writing an image. */
const REFRESH_PATIENCE_MS = 600_000;

/** The images that disks of one host are layered on, each once: `INSTANCES_PATH/_base`, as with Nova. */
export class ImageCache {
  readonly directory: DirectoryPool;
  readonly connections: LibvirtConnections;
  readonly #options: LibvirtHostOptions;
  /** By name: what is done with one image in this process is done in turn. */
  readonly #turns = new Map<string, object>();

  constructor(connections: LibvirtConnections, options: LibvirtHostOptions) {
    this.connections = connections;
    this.#options = options;
    const path = `${options.instancesPath}/${IMAGE_CACHE}`;
    const poolName = `lifeboat-base-${createHash('sha1').update(path).digest('hex').slice(0, 12)}`;
    this.directory = new DirectoryPool(connections, path, poolName);
  }

  /** Null: servers of this host are given whole copies; images are cached for those that arrive with layered disks. */
  get options(): ImageCacheOptions | null {
    return this.#options.imageCache ?? null;
  }

  /**
   * Lets `act` lay a disk on an image, which is placed first where it is not there. Nobody removes it meanwhile, and
   * afterwards the disk says that it is in use. Null: another process has kept the image for a minute, and nothing was
   * done. `open` is asked only for an image that is not there.
   */
  use<Value>(
    name: string,
    open: () => Promise<Outcome<ImageContent>>,
    act: (image: CachedImage) => Promise<Outcome<Value>>,
  ): Promise<Outcome<Value | null>> {
    const turn = this.#turns.get(name) ?? {};
    this.#turns.set(name, turn);
    return inTurn(turn, async () => {
      const found = await this.directory.ensure();
      if (found.outcome !== 'succeeded') return found;
      const lock = new ImageCacheLock(this.connections, this.directory, name);
      const taken = await lock.take(found.value, LOCK_PATIENCE_MS);
      if (taken.outcome !== 'succeeded') return taken;
      if (!taken.value) return succeeded(null);
      try {
        const image = await this.#provide(name, open);
        return image.outcome === 'succeeded' ? await act(image.value) : image;
      } finally {
        // One that cannot be given back is as good as its maker's death.
        await lock.give(found.value);
      }
    });
  }

  /** The file of an image, to be read; null when there is none, or not all of it. */
  async file(name: string): Promise<Outcome<RemoteStorageVolume | null>> {
    const pool = await this.#look();
    return pool.outcome === 'succeeded' ? this.#whole(pool.value, name) : pool;
  }

  async #provide(name: string, open: () => Promise<Outcome<ImageContent>>): Promise<Outcome<CachedImage>> {
    const pool = await this.#look();
    if (pool.outcome !== 'succeeded') return pool;
    const present = await this.#whole(pool.value, name);
    if (present.outcome !== 'succeeded') return present;
    if (present.value !== null) return this.#described(present.value);
    const placed = await this.#place(pool.value, name, open);
    if (placed.outcome !== 'succeeded') return placed;
    const found = await this.file(name);
    if (found.outcome !== 'succeeded') return found;
    return found.value === null
      ? failed(`${this.directory.path}/${name} has disappeared`)
      : this.#described(found.value);
  }

  async #place(
    pool: RemoteStoragePool,
    name: string,
    open: () => Promise<Outcome<ImageContent>>,
  ): Promise<Outcome<null>> {
    const used = await imagesInUse(this.connections, this.#options);
    if (used.outcome !== 'succeeded') return used;
    if (used.value.has(name)) {
      return failed(`${this.directory.path}/${name} is in use, and nothing says that it is whole; it is left alone`);
    }
    const content = await open();
    if (content.outcome !== 'succeeded') return content;
    const { sizeBytes, bytes } = content.value;
    const space = await this.directory.availableBytes(pool);
    if (space.outcome === 'succeeded' && space.value < sizeBytes) {
      return failed(`${this.directory.path} has ${space.value} bytes left, an image needs ${sizeBytes}`);
    }
    const fileName = this.options?.forceRaw === true ? sourceOf(name) : name;
    const written = await writeVerified(this.directory, pool, { name: fileName, sizeBytes, bytes });
    if (written.outcome !== 'succeeded') return written;
    const made = fileName === name ? succeeded(null) : await this.#makeRaw(name);
    if (made.outcome !== 'succeeded') return made;
    const marked = await this.directory.create(pool, { name: verifiedMark(name), format: 'raw', capacityBytes: 0 });
    return marked.outcome === 'succeeded' ? succeeded(null) : marked;
  }

  /** By libvirt itself, from what has been written beside it. */
  async #makeRaw(name: string): Promise<Outcome<null>> {
    const pool = await this.#look();
    if (pool.outcome !== 'succeeded') return pool;
    const source = await this.directory.volume(pool.value, sourceOf(name));
    if (source.outcome !== 'succeeded') return source;
    if (source.value === null) return failed(`${this.directory.path}/${sourceOf(name)} has disappeared`);
    const described = await this.#described(source.value);
    if (described.outcome !== 'succeeded') return described;
    const { capacityBytes } = described.value;
    const made = await this.directory.copyFrom(pool.value, { name, format: 'raw', capacityBytes }, source.value);
    return made.outcome === 'succeeded' ? this.directory.removeFile(pool.value, sourceOf(name)) : made;
  }

  /** The directory with what has been written since: only then does libvirt know what is in a file. */
  async #look(): Promise<Outcome<RemoteStoragePool>> {
    const found = await this.directory.find(REFRESH_PATIENCE_MS);
    if (found.outcome !== 'succeeded') return found;
    return found.value === null ? this.directory.ensure() : succeeded(found.value);
  }

  async #whole(pool: RemoteStoragePool, name: string): Promise<Outcome<RemoteStorageVolume | null>> {
    const mark = await this.directory.volume(pool, verifiedMark(name));
    if (mark.outcome !== 'succeeded') return mark;
    return mark.value === null ? succeeded(null) : this.directory.volume(pool, name);
  }

  async #described(volume: RemoteStorageVolume): Promise<Outcome<CachedImage>> {
    const [layer, size] = await Promise.all([volumeLayer(this.connections, volume), this.directory.measure(volume)]);
    if (layer.outcome !== 'succeeded') return layer;
    if (size.outcome !== 'succeeded') return size;
    if (layer.value.layeredOn !== null) return failed(`${volume.key} is no image: it is layered on another file`);
    return succeeded({ path: volume.key, format: layer.value.format, capacityBytes: size.value.capacityBytes });
  }
}
