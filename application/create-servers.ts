import {
  METADATA_ITEMS_MAX,
  NO_OPTIONS,
  type CreateOptions,
  type InstanceDetails,
} from '../domain/instance/instance-details.ts';
import { macAddressOf, type NetworkInterface } from '../domain/instance/network-interface.ts';
import { flavorSnapshotOf, type BootImages } from '../domain/instance/boot-images.ts';
import { SERVER_GROUP_MEMBERS_MAX } from '../domain/server-group/server-group.ts';
import { instanceId, type HostName, type ImageId, type InstanceId } from '../domain/shared/ids.ts';
import { findBootImage } from './boot-image.ts';
import type { CommandGateway, GatewayDependencies } from './command-gateway.ts';
import type { Answer, ComputeApiRefusal } from './compute-api-answer.ts';
import type { Flavor, Flavors } from './ports/flavors.ts';
import type { ImageService } from './ports/image-service.ts';
import type { RequestContext } from './request-context.ts';

export type CreateServer = {
  readonly name: string;
  readonly imageId: ImageId;
  readonly flavorId: string;
  readonly requestedHost: HostName | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** Left out: one. */
  readonly count?: number;
  /** Left out: nothing of it was asked for. */
  readonly options?: Omit<CreateOptions, 'reservationId' | 'launchIndex'>;
  readonly details?: InstanceDetails;
  readonly tags?: readonly string[];
  /** Base64, as the client gave it. Left out: none. */
  readonly userData?: string;
  /** One interface for each, in this order. Left out: none. */
  readonly networkIds?: readonly string[];
};

export type CreatedServer = { readonly instanceId: InstanceId; readonly reservationId: string };

type Dependencies = GatewayDependencies & { readonly images: ImageService; readonly flavors: Flavors };

const RESERVATION_CHARACTERS = 8;

/** Creates one server, or several of one reservation; answers the first. What it names is looked for before. */
export async function createServers(
  dependencies: Dependencies,
  gateway: CommandGateway,
  context: RequestContext,
  wanted: CreateServer,
): Promise<Answer<CreatedServer>> {
  const { flavors, images, ids } = dependencies;
  const flavor = flavors.find(wanted.flavorId);
  if (flavor === null) return refused({ reason: 'FlavorNotFound', flavorId: wanted.flavorId });
  const unknown = refuseNames(dependencies, context, wanted);
  if (unknown !== null) return refused(unknown);
  const found = await findBootImage(images, wanted.imageId);
  if (!found.accepted) return found;
  const { image, bootImages } = found.value;
  if (image.minRamMiB > flavor.ramMiB) return refused({ reason: 'FlavorMemoryTooSmall' });
  // A flavor disk of 0 takes the image's own size.
  if (flavor.diskGiB > 0 && image.minDiskGiB > flavor.diskGiB) return refused({ reason: 'FlavorDiskTooSmall' });
  const serverIds = Array.from({ length: wanted.count ?? 1 }, () => instanceId(ids.uuid()));
  const [first] = serverIds;
  if (first === undefined) throw new Error('createServers: no server was asked for');
  const reservationId = `r-${first.slice(0, RESERVATION_CHARACTERS)}`;
  for (const [launchIndex, id] of serverIds.entries()) {
    const networkInterfaces = (wanted.networkIds ?? []).map((networkId) => newInterface(ids.uuid(), networkId));
    const command = commandFor(wanted, { flavor, bootImages, id, reservationId, launchIndex, networkInterfaces });
    const answer = await gateway.instance(context, id, { ...command, ...gateway.asked(context) });
    if (!answer.accepted) return answer;
  }
  return { accepted: true, value: { instanceId: first, reservationId } };
}

const refused = (refusal: ComputeApiRefusal) => ({ accepted: false, refusal }) as const;

/** A key pair and a group are the caller's own business: another one's do not exist for him. */
function refuseNames(
  { views }: Dependencies,
  { userId, projectId }: RequestContext,
  { options = NO_OPTIONS, count = 1, metadata }: CreateServer,
): ComputeApiRefusal | null {
  if (Object.keys(metadata).length > METADATA_ITEMS_MAX) return { reason: 'TooManyMetadataItems' };
  const { keyName, serverGroupId } = options;
  if (keyName !== null && views.keyPairs.find(userId, keyName) === null) {
    return { reason: 'KeyPairUnknown', name: keyName };
  }
  if (serverGroupId === null) return null;
  const group = views.serverGroups.find(serverGroupId);
  if (group?.initiator.projectId !== projectId) return { reason: 'ServerGroupUnknown', groupId: serverGroupId };
  const members = views.servers.membersOf(serverGroupId).length;
  return members + count > SERVER_GROUP_MEMBERS_MAX ? { reason: 'TooManyServerGroupMembers' } : null;
}

type Place = {
  readonly flavor: Flavor;
  readonly bootImages: BootImages;
  readonly id: InstanceId;
  readonly reservationId: string;
  readonly launchIndex: number;
  readonly networkInterfaces: readonly NetworkInterface[];
};

const newInterface = (portId: string, networkId: string): NetworkInterface => ({
  portId,
  networkId,
  macAddress: macAddressOf(portId),
});

function commandFor(wanted: CreateServer, place: Place) {
  const { flavor, bootImages, id, reservationId, launchIndex, networkInterfaces } = place;
  const { name, requestedHost, metadata, count = 1, options, details, tags, userData } = wanted;
  const special = options !== undefined || count > 1;
  return {
    type: 'CreateInstance',
    instanceId: id,
    // Nova's default `multi_instance_display_name_template`.
    name: count > 1 ? `${name}-${launchIndex + 1}` : name,
    images: bootImages,
    flavor: flavorSnapshotOf(flavor),
    requestedHost,
    metadata,
    ...(special ? { options: { ...(options ?? NO_OPTIONS), reservationId, launchIndex } } : {}),
    ...(details === undefined ? {} : { details }),
    ...(tags === undefined ? {} : { tags }),
    ...(userData === undefined ? {} : { userData }),
    ...(networkInterfaces.length === 0 ? {} : { networkInterfaces }),
  } as const;
}
