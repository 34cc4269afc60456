import type { InstanceCommand, InstanceRefusal } from '../domain/instance/instance-commands.ts';
import type { BlockMigration, BootImages, PowerAction, RebootType } from '../domain/instance/instance-events.ts';
import type { ComputeServiceRefusal, ComputeServiceCommand } from '../domain/service-version/decide-compute-service.ts';
import type { Microversion } from '../domain/service-version/microversion.ts';
import {
  imageId,
  instanceId,
  migrationId,
  type HostName,
  type ImageId,
  type InstanceId,
} from '../domain/shared/ids.ts';
import { COMPUTE_SERVICE, computeServiceStream, INSTANCE, instanceStream } from './aggregates.ts';
import { handleCommand, type CommandAnswer } from './handle-command.ts';
import { LiveMigrationApi, type LiveMigrationRefusal } from './live-migration-api.ts';
import type { Clock } from './ports/clock.ts';
import { StoreUnavailable, type EventMetadata, type EventStore } from './ports/event-store.ts';
import type { Flavors } from './ports/flavors.ts';
import type { IdSource } from './ports/id-source.ts';
import type { Image, ImageService } from './ports/image-service.ts';
import type { RequestContext } from './request-context.ts';
import type { Views } from './views/views.ts';

export type ComputeApiRefusal =
  | InstanceRefusal
  | ComputeServiceRefusal
  | LiveMigrationRefusal
  | { readonly reason: 'TooManyConflicts' }
  | { readonly reason: 'FlavorNotFound'; readonly flavorId: string }
  | { readonly reason: 'FlavorDiskTooSmall' }
  | { readonly reason: 'FlavorMemoryTooSmall' }
  | { readonly reason: 'ImageNotFound'; readonly imageId: string }
  | { readonly reason: 'ImageNotActive'; readonly imageId: string }
  | { readonly reason: 'RescueImageNotSupported'; readonly imageId: string }
  | { readonly reason: 'ImageServiceFailed'; readonly detail: string };

export type Answer<Value> =
  | { readonly accepted: true; readonly value: Value }
  | { readonly accepted: false; readonly refusal: ComputeApiRefusal };

export type CreateServer = {
  readonly name: string;
  readonly imageId: ImageId;
  readonly flavorId: string;
  readonly requestedHost: HostName | null;
  readonly metadata: Readonly<Record<string, string>>;
};

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
};

const DONE = { accepted: true, value: null } as const;

/**
 * Every change a caller may ask for. Facts are gathered here, decided in the domain, and the answer comes back only
 * when this process's views show what was written. Throws StoreUnavailable; refusals are values.
 */
export class ComputeApi {
  /** The levers on a migration that is under way. */
  readonly liveMigrations: LiveMigrationApi;
  readonly #dependencies: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
    this.liveMigrations = new LiveMigrationApi(dependencies);
  }

  async createServer(
    context: RequestContext,
    wanted: CreateServer,
  ): Promise<Answer<{ readonly instanceId: InstanceId }>> {
    const { flavors, ids } = this.#dependencies;
    const flavor = flavors.find(wanted.flavorId);
    if (flavor === null) return refused({ reason: 'FlavorNotFound', flavorId: wanted.flavorId });
    const found = await this.#bootImage(wanted.imageId);
    if (!found.accepted) return found;
    const { image, bootImages } = found.value;
    if (image.minRamMiB > flavor.ramMiB) return refused({ reason: 'FlavorMemoryTooSmall' });
    // A flavor disk of 0 takes the image's own size.
    if (flavor.diskGiB > 0 && image.minDiskGiB > flavor.diskGiB) return refused({ reason: 'FlavorDiskTooSmall' });
    const id = instanceId(ids.uuid());
    const { id: flavorId, name: flavorName, vcpus, ramMiB, diskGiB } = flavor;
    const answer = await this.#instance(context, id, {
      type: 'CreateInstance',
      instanceId: id,
      name: wanted.name,
      images: bootImages,
      flavor: { id: flavorId, name: flavorName, vcpus, ramMiB, diskGiB },
      requestedHost: wanted.requestedHost,
      metadata: wanted.metadata,
      ...this.#request(context),
    });
    return answer.accepted ? { accepted: true, value: { instanceId: id } } : answer;
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
    const found = await this.#bootImage(rescueImageId ?? row.images.imageId);
    if (!found.accepted) {
      return found.refusal.reason === 'ImageNotFound' || found.refusal.reason === 'ImageNotActive'
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

  liveMigrate(context: RequestContext, id: InstanceId, wanted: LiveMigrateServer): Promise<Answer<null>> {
    const { ids, views } = this.#dependencies;
    const { requestedHost } = wanted;
    return this.#instance(context, id, {
      type: 'LiveMigrate',
      migrationId: migrationId(ids.uuid()),
      // Read per request, never cached; it may still be stale when the event is written, as in Nova (ADR 0010).
      minimumServiceVersion: views.computeServices.minimumVersion(),
      requestedHostKnown: requestedHost !== null && views.computeServices.find(requestedHost) !== null,
      ...wanted,
      ...this.#request(context),
    });
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
    const stream = computeServiceStream(host);
    return this.#visible(await handleCommand(this.#dependencies, COMPUTE_SERVICE, stream, timed, metadataOf(context)));
  }

  async #instance(context: RequestContext, id: InstanceId, command: InstanceCommand): Promise<Answer<null>> {
    return this.#visible(
      await handleCommand(this.#dependencies, INSTANCE, instanceStream(id), command, metadataOf(context)),
    );
  }

  async #visible<State, Event, Refusal extends ComputeApiRefusal>(
    answer: CommandAnswer<State, Event, Refusal>,
  ): Promise<Answer<null>> {
    if (!answer.accepted) return refused(answer.refusal);
    if (await this.#dependencies.views.reached(answer.position)) return DONE;
    throw new StoreUnavailable('The change was recorded, but this process does not see it yet; ask again later.');
  }

  async #bootImage(wanted: ImageId): Promise<Answer<{ readonly image: Image; readonly bootImages: BootImages }>> {
    const shown = await this.#dependencies.images.show(wanted);
    if (shown.answer === 'imageNotFound') return refused({ reason: 'ImageNotFound', imageId: wanted });
    if (shown.answer === 'failed') return refused({ reason: 'ImageServiceFailed', detail: shown.reason });
    const image = shown.value;
    if (image.status !== 'active') return refused({ reason: 'ImageNotActive', imageId: wanted });
    return { accepted: true, value: { image, bootImages: bootImagesOf(image) } };
  }

  #request(context: RequestContext) {
    const { requestId, userId, projectId, isAdmin } = context;
    return { initiator: { requestId, userId, projectId }, callerIsAdmin: isAdmin, at: this.#dependencies.clock.now() };
  }
}

type WithoutTime<Command> = Command extends unknown ? Omit<Command, 'at'> : never;

function refused(refusal: ComputeApiRefusal): { readonly accepted: false; readonly refusal: ComputeApiRefusal } {
  return { accepted: false, refusal };
}

function metadataOf({ requestId, userId }: RequestContext): EventMetadata {
  return { correlationId: requestId, causationId: requestId, actor: userId };
}

function bootImagesOf(image: Image): BootImages {
  const named = (property: string): ImageId | null => {
    const value = image.properties[property];
    return value === undefined || value === '' ? null : imageId(value);
  };
  return { imageId: image.id, kernelId: named('kernel_id'), ramdiskId: named('ramdisk_id') };
}
