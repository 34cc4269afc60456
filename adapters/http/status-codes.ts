/**
 * The only place where a refusal becomes an HTTP number, and where 202 and 409 are written. Why a live migration is
 * refused, and in which order the reasons are looked at: domain/service-version/live-migrate-admission.ts.
 */
import type { ComputeApiRefusal } from '../../application/compute-api-answer.ts';

/** Asked and recorded; how it went is told by the server, its instance actions and its migrations. */
export const ACCEPTED = 202;
/** The request is right and the server, or the fleet, is not in the state for it. */
export const CONFLICT = 409;

/** A new reason does not compile until it has a number. */
export const STATUS_OF_REFUSAL = {
  ForceWithoutHost: 400,
  InstanceLocked: CONFLICT,
  InvalidVmState: CONFLICT,
  InvalidTaskState: CONFLICT,
  NeverLaunched: CONFLICT,
  InvalidState: CONFLICT,
  PreCheckFailed: 400,
  InvalidPowerState: CONFLICT,
  MigrationToAbortNotFound: 404,
  MigrationToForceNotFound: 400,
  MigrationNotAbortable: 400,
  MigrationNotRunning: 400,
  ComputeServiceTooOld: CONFLICT,
  ComputeHostNotFound: 400,
  InstanceNotFound: 404,
  InstanceAlreadyExists: CONFLICT,
  ComputeServiceNotFound: 404,
  ServiceVersionWentBackwards: CONFLICT,
  TooManyConflicts: CONFLICT,
  FlavorNotFound: 400,
  FlavorDiskTooSmall: 400,
  FlavorMemoryTooSmall: 400,
  ImageNotFound: 400,
  ImageNotActive: 400,
  RescueImageNotSupported: 400,
  GuestAgentNotEnabled: CONFLICT,
  ImagesAreReadOnly: 501,
  ImageServiceFailed: 503,
  KeyPairExists: CONFLICT,
  TooManyKeyPairs: 403,
  KeyPairNotFound: 404,
  KeyPairUnknown: 400,
  ServerGroupNotFound: 404,
  ServerGroupUnknown: 400,
  TooManyServerGroups: 403,
  TooManyServerGroupMembers: 403,
  FlavorExists: CONFLICT,
  FlavorNameTaken: CONFLICT,
  FlavorUnknown: 404,
  ExtraSpecNotFound: 404,
  ResizeDiskTooSmall: 400,
  MetadataItemNotFound: 404,
  TooManyMetadataItems: 403,
  TagNotFound: 404,
  TooManyTags: 400,
  FlavorUnchanged: 400,
} as const satisfies Record<ComputeApiRefusal['reason'], 400 | 403 | 404 | 409 | 500 | 501 | 503>;
