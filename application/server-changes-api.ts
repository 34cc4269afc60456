import { flavorSnapshotOf, type FlavorSnapshot } from '../domain/instance/boot-images.ts';
import type { GuestData, InstanceDetails } from '../domain/instance/instance-details.ts';
import type { MetadataChange, TagsChange } from '../domain/instance/server-change-commands.ts';
import { imageId, type HostName, type ImageId, type InstanceId } from '../domain/shared/ids.ts';
import { INSTANCE } from './aggregates.ts';
import { findBootImage } from './boot-image.ts';
import { createImage, type CreateImage } from './create-image.ts';
import type { CommandGateway } from './command-gateway.ts';
import type { Answer } from './compute-api-answer.ts';
import type { Flavors } from './ports/flavors.ts';
import type { IdSource } from './ports/id-source.ts';
import type { ImageService } from './ports/image-service.ts';
import type { RequestContext } from './request-context.ts';
import type { Views } from './views/views.ts';

export type UpdateServer = { readonly name: string | null; readonly details: Partial<InstanceDetails> };
export type RebuildServer = UpdateServer & {
  readonly imageId: ImageId;
  readonly metadata: Readonly<Record<string, string>> | null;
  /** Left out: unchanged. */
  readonly guestData?: Partial<GuestData>;
};

export type ResizeServer = { readonly flavorId: string; readonly details: Partial<InstanceDetails> };

type Dependencies = {
  readonly gateway: CommandGateway;
  readonly views: Views;
  readonly images: ImageService;
  readonly flavors: Flavors;
  readonly ids: IdSource;
};

/** What owners change about their servers. Refusals are values; throws StoreUnavailable. */
export class ServerChangesApi {
  readonly #dependencies: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  update(context: RequestContext, id: InstanceId, wanted: UpdateServer): Promise<Answer<null>> {
    const { gateway } = this.#dependencies;
    return gateway.instance(context, id, { type: 'UpdateInstance', ...wanted, ...gateway.asked(context) });
  }

  changeMetadata(context: RequestContext, id: InstanceId, wanted: MetadataChange): Promise<Answer<null>> {
    const { gateway } = this.#dependencies;
    return gateway.instance(context, id, { type: 'ChangeMetadata', wanted, ...gateway.asked(context) });
  }

  changeTags(context: RequestContext, id: InstanceId, wanted: TagsChange): Promise<Answer<null>> {
    const { gateway } = this.#dependencies;
    return gateway.instance(context, id, { type: 'ChangeTags', wanted, ...gateway.asked(context) });
  }

  /** The image is looked for after the server's state was judged, as in Nova. */
  async rebuild(context: RequestContext, id: InstanceId, wanted: RebuildServer): Promise<Answer<null>> {
    const { gateway, views, images } = this.#dependencies;
    const row = views.servers.find(id);
    if (row === null) return { accepted: false, refusal: { reason: 'InstanceNotFound' } };
    const { imageId: wantedImage, ...rest } = wanted;
    const command = { type: 'Rebuild', ...rest, ...gateway.asked(context) } as const;
    const dry = INSTANCE.decide(row, { ...command, images: row.images });
    if (!dry.accepted) return dry;
    const name = wanted.guestData?.keyName ?? null;
    if (name !== null && views.keyPairs.find(context.userId, name) === null) {
      return { accepted: false, refusal: { reason: 'KeyPairUnknown', name } };
    }
    const found = await findBootImage(images, wantedImage);
    if (!found.accepted) return found;
    const { image, bootImages } = found.value;
    if (image.minRamMiB > row.flavor.ramMiB) return { accepted: false, refusal: { reason: 'FlavorMemoryTooSmall' } };
    if (row.flavor.diskGiB > 0 && image.minDiskGiB > row.flavor.diskGiB) {
      return { accepted: false, refusal: { reason: 'FlavorDiskTooSmall' } };
    }
    return gateway.instance(context, id, { ...command, images: bootImages });
  }

  /** The server stays on its host, which must have room for the new flavor. */
  async resize(context: RequestContext, id: InstanceId, { flavorId, details }: ResizeServer): Promise<Answer<null>> {
    const { gateway, flavors, views } = this.#dependencies;
    const row = views.servers.find(id);
    if (row === null) return { accepted: false, refusal: { reason: 'InstanceNotFound' } };
    // The server's state is judged before the flavor is looked for, as in Nova.
    const state = INSTANCE.decide(row, { type: 'Resize', flavor: row.flavor, details, ...gateway.asked(context) });
    if (!state.accepted && state.refusal.reason !== 'FlavorUnchanged') return state;
    const flavor = flavors.find(flavorId);
    if (flavor === null) return { accepted: false, refusal: { reason: 'FlavorNotFound', flavorId } };
    const snapshot = flavorSnapshotOf(flavor);
    const command = { type: 'Resize', flavor: snapshot, details, ...gateway.asked(context) } as const;
    const dry = INSTANCE.decide(row, command);
    if (!dry.accepted) return dry;
    if (snapshot.diskGiB < row.flavor.diskGiB || !hasSameLocalDisks(snapshot, row.flavor))
      return { accepted: false, refusal: { reason: 'ResizeDiskTooSmall' } };
    return gateway.instance(context, id, command);
  }

  confirmResize(context: RequestContext, id: InstanceId): Promise<Answer<null>> {
    const { gateway } = this.#dependencies;
    return gateway.instance(context, id, { type: 'ConfirmResize', ...gateway.asked(context) });
  }

  revertResize(context: RequestContext, id: InstanceId): Promise<Answer<null>> {
    const { gateway } = this.#dependencies;
    return gateway.instance(context, id, { type: 'RevertResize', ...gateway.asked(context) });
  }

  /** The destination is chosen by the caller: an answer says at once when there is none. */
  coldMigrate(context: RequestContext, id: InstanceId, destination: HostName): Promise<Answer<null>> {
    const { gateway } = this.#dependencies;
    return gateway.instance(context, id, { type: 'ColdMigrate', destination, ...gateway.asked(context) });
  }

  shelve(context: RequestContext, id: InstanceId): Promise<Answer<null>> {
    const { gateway, ids } = this.#dependencies;
    const image = imageId(ids.uuid());
    return gateway.instance(context, id, { type: 'Shelve', imageId: image, ...gateway.asked(context) });
  }

  /** Host null: nobody can take it, which the instance action tells, as in Nova. */
  unshelve(context: RequestContext, id: InstanceId, host: HostName | null): Promise<Answer<null>> {
    const { gateway } = this.#dependencies;
    return gateway.instance(context, id, { type: 'Unshelve', host, ...gateway.asked(context) });
  }

  /** Answers the image that the disk will be. It is reserved first, so that whoever is told of it finds it. */
  createImage(context: RequestContext, id: InstanceId, wanted: CreateImage): Promise<Answer<ImageId>> {
    return createImage(this.#dependencies, context, id, wanted);
  }

  /**
   * Never done: see AdminPasswordChangeFailed. Recorded all the same, as in Nova, and then refused. The password does
   * not come here, so it can be written nowhere.
   */
  async changeAdminPassword(context: RequestContext, id: InstanceId): Promise<Answer<null>> {
    const { gateway } = this.#dependencies;
    const answer = await gateway.instance(context, id, { type: 'ChangeAdminPassword', ...gateway.asked(context) });
    return answer.accepted ? { accepted: false, refusal: { reason: 'GuestAgentNotEnabled' } } : answer;
  }
}

/** A resize gives the guest a larger root disk; disks that the image knows nothing of stay as they are. */
const hasSameLocalDisks = (one: FlavorSnapshot, other: FlavorSnapshot): boolean =>
  (one.ephemeralGiB ?? 0) === (other.ephemeralGiB ?? 0) && (one.swapMiB ?? 0) === (other.swapMiB ?? 0);
