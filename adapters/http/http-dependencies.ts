import type { ComputeApi } from '../../application/compute-api.ts';
import type { ComputeHosts } from '../../application/compute-hosts.ts';
import type { MigrationProgressBoard } from '../../application/migration-progress-board.ts';
import type { Clock } from '../../application/ports/clock.ts';
import type { Flavors } from '../../application/ports/flavors.ts';
import type { IdSource } from '../../application/ports/id-source.ts';
import type { ImageService } from '../../application/ports/image-service.ts';
import type { Network } from '../../application/ports/networks.ts';
import type { Views } from '../../application/views/views.ts';
import type { IdentityService } from './identity/identity-service.ts';
import type { Identity } from './identity.ts';

/** What the routes read and change. */
export type RouteDependencies = {
  readonly computeApi: ComputeApi;
  readonly views: Views;
  readonly computeHosts: ComputeHosts;
  readonly progress: MigrationProgressBoard;
  readonly images: ImageService;
  readonly flavors: Flavors;
  readonly networks: readonly Network[];
  readonly clock: Clock;
};

export type HttpDependencies = RouteDependencies & {
  readonly identity: Identity;
  /** Served at `/v3`; null where another server is the identity service, or nobody is asked. */
  readonly identityService: IdentityService | null;
  readonly ids: IdSource;
  /** Told of every answer 500 and of every 503 the client is not told the reason of. Must not throw. */
  readonly reportError: (requestId: string, error: Error) => void;
  readonly options: HttpOptions;
};

export type HttpOptions = {
  /** Base of all links, such as `https://cloud.example.org/compute`; null: what the client used (`Host`). */
  readonly linkPrefix: string | null;
  /** Whether this server is also the image service, at `/image`; false where Glance is. */
  readonly servesImages: boolean;
};
