import type { ArtifactName } from '../../domain/migration/rescue-artifacts.ts';
import type { HostName, InstanceId } from '../../domain/shared/ids.ts';
import type { Outcome } from '../../domain/shared/outcome.ts';

/** Bytes on their way to a host, with what is known of them beforehand. */
export type ArtifactContent = {
  readonly sizeBytes: number;
  /** Hex, or null when nobody knows it yet. */
  readonly sha256: string | null;
  /** Throws when the source breaks off. */
  readonly bytes: AsyncIterable<Uint8Array>;
};

export type StoredArtifact = { readonly bytes: number; readonly sha256: string };

export type OpenedArtifact =
  | { readonly answer: 'found'; readonly content: ArtifactContent }
  | { readonly answer: 'notFound' }
  | { readonly answer: 'failed'; readonly reason: string };

/**
 * Moves whole files into and out of a server's directory on any host. A size proves nothing (a broken upload leaves a
 * file of full size), so what was written counts only when it has been read back and has the same hash.
 */
export interface ArtifactTransfer {
  open(host: HostName, instanceId: InstanceId, name: ArtifactName): Promise<OpenedArtifact>;
  /**
   * Replaces an existing file of that name, and tells what was sent. `failed` leaves no file of that name behind where
   * the host allows it.
   */
  write(
    host: HostName,
    instanceId: InstanceId,
    name: ArtifactName,
    content: ArtifactContent,
  ): Promise<Outcome<StoredArtifact>>;
  /** Whether the host has what `write` sent; `failed` when it has not. Changes nothing: a guest may be starting with it. */
  readBack(host: HostName, instanceId: InstanceId, name: ArtifactName, written: StoredArtifact): Promise<Outcome<null>>;
  /** Succeeds when the file was not there. */
  remove(host: HostName, instanceId: InstanceId, name: ArtifactName): Promise<Outcome<null>>;
}
