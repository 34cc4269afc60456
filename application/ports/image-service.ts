import type { ImageId, Instant } from '../../domain/shared/ids.ts';
import type { Outcome } from '../../domain/shared/outcome.ts';

export type DiskFormat = 'raw' | 'qcow2' | 'iso' | 'aki' | 'ari' | 'ami';

/** An image as Glance v2 describes it. */
export type Image = {
  readonly id: ImageId;
  readonly name: string;
  readonly status: 'active' | 'queued' | 'saving' | 'deactivated' | 'deleted';
  readonly diskFormat: DiskFormat;
  readonly containerFormat: 'bare' | 'aki' | 'ari' | 'ami';
  readonly sizeBytes: number;
  /** Hex SHA-256 of the data where the service knows it (Glance `os_hash_value` with `os_hash_algo` sha256). */
  readonly sha256: string | null;
  readonly minDiskGiB: number;
  readonly minRamMiB: number;
  readonly visibility: 'public' | 'private' | 'shared' | 'community';
  /** The project whose private image it is; left out where the service does not say. */
  readonly owner?: string;
  /** Nobody deletes it through the image API; left out: it is. */
  readonly isProtected?: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Free properties: `kernel_id`, `ramdisk_id`, `os_command_line`, `hw_machine_type`, `hw_rescue_bus`, … */
  readonly properties: Readonly<Record<string, string>>;
};

export type ImageAnswer<Value> =
  | { readonly answer: 'found'; readonly value: Value }
  | { readonly answer: 'imageNotFound' }
  /** Anything else: unreachable, refused, broken. Never treated as "not found". */
  | { readonly answer: 'failed'; readonly reason: string };

export type ImageData = {
  readonly sizeBytes: number;
  /** Hex, where the service knows it; then whoever stores the data can prove the copy against it. */
  readonly sha256: string | null;
  /** Throws when the data ends early, is longer than said, or its hash is wrong: the bytes read so far are worthless. */
  readonly bytes: AsyncIterable<Uint8Array>;
};

/** A private image that is to come. */
export type NewImage = Pick<Image, 'id' | 'name' | 'minDiskGiB' | 'minRamMiB' | 'properties'> & {
  readonly owner: string;
  readonly at: Instant;
};

export type ImageUpload = {
  readonly diskFormat: 'raw' | 'qcow2';
  readonly sizeBytes: number;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly at: Instant;
};

/** Makes images. Everything may be repeated. */
export interface ImageUploads {
  /** It is there from now on, without data (`queued`). One of that id stays as it is, and a deleted one deleted. */
  reserve(image: NewImage): Promise<Outcome<null>>;
  /**
   * Gives a reserved image its data: `saving` until all of it is stored, then `active`; what it had before goes. Fails
   * when the image has been deleted meanwhile.
   */
  upload(id: ImageId, upload: ImageUpload): Promise<Outcome<null>>;
  /** Called by whoever makes it, and will do no more to it. Succeeds when there is no such image. */
  discard(id: ImageId): Promise<Outcome<null>>;
  /** Called for its owner, at any time: who makes it at this moment cannot bring it back. Succeeds when there is none. */
  delete(id: ImageId): Promise<Outcome<null>>;
}

export interface ImageService {
  /** Null where images can only be read. */
  readonly uploads: ImageUploads | null;
  show(id: ImageId): Promise<ImageAnswer<Image>>;
  list(): Promise<ImageAnswer<readonly Image[]>>;
  /** Opens the data. The caller reads `bytes` to the end or returns early; both release what was opened. */
  fetch(id: ImageId): Promise<ImageAnswer<ImageData>>;
}
