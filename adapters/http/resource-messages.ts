import type { ResourceRefusal } from '../../application/compute-api-answer.ts';
import { METADATA_ITEMS_MAX, TAGS_MAX } from '../../domain/instance/instance-details.ts';
import { impossible } from '../../domain/shared/impossible.ts';

/** Nova's sentences about what a request names. `givenId`: as it stands in the URL. */
export function resourceMessage(refusal: ResourceRefusal, givenId: string): string {
  switch (refusal.reason) {
    case 'KeyPairExists':
      return `Key pair '${refusal.name}' already exists.`;
    case 'TooManyKeyPairs':
      return 'Quota exceeded, too many key pairs.';
    case 'KeyPairNotFound':
      return `Keypair ${givenId} not found`;
    case 'KeyPairUnknown':
      return 'Invalid key_name provided.';
    case 'ServerGroupNotFound':
      return `Instance group ${givenId} could not be found.`;
    case 'ServerGroupUnknown':
      return `Instance group ${refusal.groupId} could not be found.`;
    case 'TooManyServerGroups':
      return 'Quota exceeded, too many server groups.';
    case 'TooManyServerGroupMembers':
      return 'Quota exceeded, too many servers in group';
    case 'FlavorExists':
      return `Flavor with ID ${refusal.flavorId} already exists.`;
    case 'FlavorNameTaken':
      return `Flavor with name ${refusal.name} already exists.`;
    case 'FlavorUnknown':
      return `Flavor ${givenId} could not be found.`;
    case 'ExtraSpecNotFound':
      return `Flavor ${givenId} has no extra specs with key ${refusal.key}.`;
    case 'ResizeDiskTooSmall':
      return `Resize to a smaller disk is not possible.`;
    case 'FlavorNotFound':
      return `Flavor ${refusal.flavorId} could not be found.`;
    case 'FlavorDiskTooSmall':
      return `Flavor's disk is too small for requested image.`;
    case 'FlavorMemoryTooSmall':
      return `Flavor's memory is too small for requested image.`;
    case 'ImageNotFound':
      return 'Can not find requested image';
    case 'ImageNotActive':
      return `Image ${refusal.imageId} is not active.`;
    case 'RescueImageNotSupported':
      return `Requested rescue image '${refusal.imageId}' is not supported`;
    case 'ImagesAreReadOnly':
      return 'The requested functionality is not supported.';
    case 'GuestAgentNotEnabled':
      return 'QEMU guest agent is not enabled';
    case 'ImageServiceFailed':
      // The detail names addresses inside the deployment; it belongs to the operator's log.
      return 'The image service is not available at this time.';
    case 'MetadataItemNotFound':
      return 'Metadata item was not found';
    case 'TooManyMetadataItems':
      return `Maximum number of metadata items exceeds ${METADATA_ITEMS_MAX}`;
    case 'TagNotFound':
      return `Server ${givenId} has no tag '${refusal.tag}'`;
    case 'TooManyTags':
      return `The number of tags exceeded the per-server limit ${TAGS_MAX}`;
    case 'FlavorUnchanged':
      return 'When resizing, instances must change flavor!';
    default:
      return impossible(refusal, 'resource-messages');
  }
}
