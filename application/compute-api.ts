import type { InstanceCommand } from '../domain/instance/instance-commands.ts';
import type { BlockMigration, PowerAction, RebootType } from '../domain/instance/instance-events.ts';
import type { BootImages } from '../domain/instance/boot-images.ts';
import type { ComputeServiceCommand } from '../domain/service-version/decide-compute-service.ts';
import { liveMigrateMode } from '../domain/service-version/live-migrate-mode.ts';
import type { Microversion } from '../domain/service-version/microversion.ts';
import { migrationId, type HostName, type ImageId, type InstanceId } from '../domain/shared/ids.ts';
import { COMPUTE_SERVICE, computeServiceStream, INSTANCE } from './aggregates.ts';
import { awaitPreCheck, PRE_CHECK_TIMEOUT_MS } from './await-pre-check.ts';
import { CommandGateway } from './command-gateway.ts';
import { createServers, type CreatedServer, type CreateServer } from './create-servers.ts';
import { FlavorsApi } from './flavors-api.ts';
import { KeyPairsApi } from './key-pairs-api.ts';
import type { Answer, ComputeApiRefusal } from './compute-api-answer.ts';
import { findRescueImage } from './boot-image.ts';
import { LiveMigrationApi } from './live-migration-api.ts';
import type { Clock } from './ports/clock.ts';
import type { EventStore } from './ports/event-store.ts';
import type { Flavors } from './ports/flavors.ts';
import type { IdSource } from './ports/id-source.ts';
import type { ImageService } from './ports/image-service.ts';
import type { RequestContext } from './request-context.ts';
import { ServerChangesApi } from './server-changes-api.ts';
import { ServerGroupsApi } from './server-groups-api.ts';
import { ViewsApi } from './views-api.ts';
import type { Views } from './views/views.ts';

export type LiveMigrateServer = {
  readonly microversion: Microversion;
  readonly requestedHost: HostName | null;
  readonly blockMigration: BlockMigration;
  readonly force: boolean;
};

type Dependencies = {
  readonly eventStore: EventStore;
  readonly ids: IdSource;
  readonly clock: Clock;
  readonly views: Views;
  readonly images: ImageService;
  readonly flavors: Flavors;
  /** Default: PRE_CHECK_TIMEOUT_MS. */
  readonly preCheckTimeoutMs?: number;
};

/**
 * Every change a caller may ask for. Facts are gathered here, decided in the domain, and the answer comes back only
 * when this process's views show what was written. Throws StoreUnavailable; refusals are values.
 */
export class ComputeApi {
  /** The levers on a migration that is under way. */
  readonly liveMigrations: LiveMigrationApi;
  readonly serverChanges: ServerChangesApi;
  readonly keyPairs: KeyPairsApi;
  readonly serverGroups: ServerGroupsApi;
  readonly flavors: FlavorsApi;
  readonly views: ViewsApi;
  readonly #dependencies: Dependencies;
  readonly #gateway: CommandGateway;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
    const { views, flavors, ids } = dependencies;
    const gateway = new CommandGateway(dependencies);
    this.#gateway = gateway;
    this.serverChanges = new ServerChangesApi({ ...dependencies, gateway });
    this.keyPairs = new KeyPairsApi(gateway, views);
    this.serverGroups = new ServerGroupsApi(gateway, dependencies);
    this.flavors = new FlavorsApi(gateway, flavors, ids);
    this.views = new ViewsApi(dependencies);
    this.liveMigrations = new LiveMigrationApi(gateway, views);
  }

  createServer(context: RequestContext, wanted: CreateServer): Promise<Answer<CreatedServer>> {
    return createServers(this.#dependencies, this.#gateway, context, wanted);
  }

  runPowerAction(
    context: RequestContext,
    id: InstanceId,
    action: PowerAction,
    rebootType: RebootType | null,
  ): Promise<Answer<null>> {
    return this.#instance(context, id, { type: 'RunPowerAction', action, rebootType, ...this.#request(context) });
  }

  /** `rescueImageId` null: the server's own image (nova.md C.2). */
  async rescue(context: RequestContext, id: InstanceId, rescueImageId: ImageId | null): Promise<Answer<null>> {
    const row = this.#dependencies.views.servers.find(id);
    if (row === null) return refused({ reason: 'InstanceNotFound' });
    // The server's state is judged before the image (nova.md C.1): a dry decision with the server's own images.
    const dry = INSTANCE.decide(row, { type: 'Rescue', rescueImages: row.images, ...this.#request(context) });
    if (!dry.accepted) return dry;
    const found = await findRescueImage(this.#dependencies.images, rescueImageId ?? row.images.imageId);
    if (!found.accepted) {
      return found.refusal.reason === 'ImageNotFound'
        ? refused({ reason: 'RescueImageNotSupported', imageId: found.refusal.imageId })
        : found;
    }
    // A rescue image without a kernel of its own boots with the server's (nova.md C.5).
    const { kernelId, ramdiskId } = found.value.bootImages.kernelId === null ? row.images : found.value.bootImages;
    const rescueImages: BootImages = { imageId: found.value.bootImages.imageId, kernelId, ramdiskId };
    return this.#instance(context, id, { type: 'Rescue', rescueImages, ...this.#request(context) });
  }

  unrescue(context: RequestContext, id: InstanceId): Promise<Answer<null>> {
    return this.#instance(context, id, { type: 'Unrescue', ...this.#request(context) });
  }

  /** Below 2.34 the answer waits for the choice of a destination, at most `preCheckTimeoutMs`. */
  async liveMigrate(context: RequestContext, id: InstanceId, wanted: LiveMigrateServer): Promise<Answer<null>> {
    const { ids, views, preCheckTimeoutMs } = this.#dependencies;
    const { requestedHost } = wanted;
    const migration = migrationId(ids.uuid());
    const answer = await this.#instance(context, id, {
      type: 'LiveMigrate',
      migrationId: migration,
      // Read per request, never cached; it may still be stale when the event is written, as in Nova (ADR 0010).
      minimumServiceVersion: views.computeServices.minimumVersion(),
      requestedHostKnown: requestedHost !== null && views.computeServices.find(requestedHost) !== null,
      ...wanted,
      ...this.#request(context),
    });
    if (!answer.accepted || !liveMigrateMode(wanted).checkedBeforeAnswer) return answer;
    const refusal = await awaitPreCheck(views, migration, preCheckTimeoutMs ?? PRE_CHECK_TIMEOUT_MS);
    return refusal === null ? answer : refused(refusal);
  }

  lock(context: RequestContext, id: InstanceId, reason: string | null): Promise<Answer<null>> {
    return this.#instance(context, id, { type: 'Lock', reason, ...this.#request(context) });
  }

  unlock(context: RequestContext, id: InstanceId): Promise<Answer<null>> {
    return this.#instance(context, id, { type: 'Unlock', ...this.#request(context) });
  }

  resetState(context: RequestContext, id: InstanceId, vmState: 'active' | 'error'): Promise<Answer<null>> {
    return this.#instance(context, id, { type: 'ResetState', vmState, ...this.#request(context) });
  }

  deleteServer(context: RequestContext, id: InstanceId): Promise<Answer<null>> {
    return this.#instance(context, id, { type: 'Delete', ...this.#request(context) });
  }

  /** Operators' commands and the reports of the compute services themselves. */
  async changeComputeService(
    context: RequestContext,
    host: HostName,
    command: WithoutTime<ComputeServiceCommand>,
  ): Promise<Answer<null>> {
    const timed: ComputeServiceCommand = { ...command, at: this.#dependencies.clock.now() };
    return this.#gateway.tell(context, COMPUTE_SERVICE, computeServiceStream(host), timed);
  }

  #instance(context: RequestContext, id: InstanceId, command: InstanceCommand): Promise<Answer<null>> {
    return this.#gateway.instance(context, id, command);
  }

  #request(context: RequestContext) {
    return this.#gateway.asked(context);
  }
}

type WithoutTime<Command> = Command extends unknown ? Omit<Command, 'at'> : never;

function refused(refusal: ComputeApiRefusal): { readonly accepted: false; readonly refusal: ComputeApiRefusal } {
  return { accepted: false, refusal };
}
