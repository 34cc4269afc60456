import type { ComputeApiRefusal } from '../../application/compute-api-answer.ts';
import { impossible } from '../../domain/shared/impossible.ts';
import { resourceMessage } from './resource-messages.ts';
import { fault, type HttpAnswer } from './http-answer.ts';
import { STATUS_OF_REFUSAL } from './status-codes.ts';

/** A refusal as the client sees it. `givenId`: the id as it stands in the URL, which Nova repeats in most sentences. */
export function refusalAnswer(refusal: ComputeApiRefusal, givenId: string): HttpAnswer {
  return fault(STATUS_OF_REFUSAL[refusal.reason], messageOf(refusal, givenId));
}

/** Nova's exact sentences (nova.md B.2, C.1, E.5); ours only where Nova has none. No host names, no version numbers. */
function messageOf(refusal: ComputeApiRefusal, givenId: string): string {
  switch (refusal.reason) {
    case 'ForceWithoutHost':
      return `Can't force to a non-provided destination`;
    case 'InstanceLocked':
      return `Instance ${refusal.instanceId} is locked`;
    case 'InvalidVmState':
      return `Cannot '${refusal.action}' instance ${givenId} while it is in vm_state ${refusal.vmState}`;
    case 'InvalidTaskState':
      return `Cannot '${refusal.action}' instance ${givenId} while it is in task_state ${refusal.taskState}`;
    case 'InvalidPowerState':
      return `Cannot '${refusal.action}' instance ${givenId} while it is in power_state ${refusal.powerState}`;
    case 'PreCheckFailed':
      return refusal.detail;
    case 'InvalidState':
    case 'NeverLaunched':
      return `Instance ${givenId} is in an invalid state for '${refusal.action}'`;
    case 'MigrationToAbortNotFound':
    case 'MigrationToForceNotFound':
      return `Migration ${refusal.migration} not found for instance ${givenId}`;
    case 'MigrationNotAbortable':
      return wrongMigrationStatus(refusal, givenId, 'abort live migration');
    case 'MigrationNotRunning':
      return wrongMigrationStatus(refusal, givenId, 'force complete');
    case 'ComputeServiceTooOld':
      return 'Live migration of rescued instances is not yet supported: all nova-compute services must be upgraded.';
    case 'ComputeHostNotFound':
      return computeHostNotFound(refusal.host);
    case 'InstanceNotFound':
      return instanceNotFound(givenId);
    case 'InstanceAlreadyExists':
      return `Instance ${givenId} already exists.`;
    case 'ComputeServiceNotFound':
      return `Service ${givenId} could not be found.`;
    case 'ServiceVersionWentBackwards':
      return 'The compute service was seen with a newer version before; delete the service first.';
    case 'TooManyConflicts':
      return `Instance ${givenId} is being changed by other requests. Try again.`;
    case 'KeyPairExists':
    case 'TooManyKeyPairs':
    case 'KeyPairNotFound':
    case 'KeyPairUnknown':
    case 'ServerGroupNotFound':
    case 'ServerGroupUnknown':
    case 'TooManyServerGroups':
    case 'TooManyServerGroupMembers':
    case 'FlavorExists':
    case 'FlavorNameTaken':
    case 'FlavorUnknown':
    case 'ExtraSpecNotFound':
    case 'ResizeDiskTooSmall':
    case 'FlavorNotFound':
    case 'FlavorDiskTooSmall':
    case 'FlavorMemoryTooSmall':
    case 'ImageNotFound':
    case 'ImageNotActive':
    case 'RescueImageNotSupported':
    case 'ImagesAreReadOnly':
    case 'GuestAgentNotEnabled':
    case 'ImageServiceFailed':
    case 'MetadataItemNotFound':
    case 'TooManyMetadataItems':
    case 'TagNotFound':
    case 'TooManyTags':
    case 'FlavorUnchanged':
      return resourceMessage(refusal, givenId);
    default:
      return impossible(refusal, 'fault-messages');
  }
}

const wrongMigrationStatus = (
  { migration, status }: { readonly migration: string; readonly status: string },
  givenId: string,
  doing: string,
): string =>
  `Migration ${migration} state of instance ${givenId} is ${status}. ` +
  `Cannot ${doing} while the migration is in this state.`;

export const instanceNotFound = (givenId: string): string => `Instance ${givenId} could not be found.`;
export const computeHostNotFound = (host: string): string => `Compute host ${host} could not be found.`;
