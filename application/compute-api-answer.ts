import type { InstanceRefusal } from '../domain/instance/instance-commands.ts';
import type { ServerChangeRefusal } from '../domain/instance/server-change-commands.ts';
import type { ComputeServiceRefusal } from '../domain/service-version/decide-compute-service.ts';
import type { PreCheckRefusal } from './await-pre-check.ts';
import type { CatalogueRefusal } from './catalogue-refusal.ts';
import type { LiveMigrationRefusal } from './live-migration-refusal.ts';

/** What a request names is not there, or not as it would have to be. */
export type ResourceRefusal =
  | CatalogueRefusal
  | ServerChangeRefusal
  | { readonly reason: 'FlavorNotFound'; readonly flavorId: string }
  | { readonly reason: 'FlavorDiskTooSmall' }
  | { readonly reason: 'FlavorMemoryTooSmall' }
  | { readonly reason: 'ImageNotFound'; readonly imageId: string }
  | { readonly reason: 'ImageNotActive'; readonly imageId: string }
  | { readonly reason: 'RescueImageNotSupported'; readonly imageId: string }
  | { readonly reason: 'GuestAgentNotEnabled' }
  | { readonly reason: 'ImagesAreReadOnly' }
  | { readonly reason: 'ImageServiceFailed'; readonly detail: string };

/** Every reason for which the API does not do what it is asked. */
export type ComputeApiRefusal =
  | PreCheckRefusal
  | InstanceRefusal
  | ComputeServiceRefusal
  | LiveMigrationRefusal
  | { readonly reason: 'TooManyConflicts' }
  | ResourceRefusal;

export type Answer<Value> =
  | { readonly accepted: true; readonly value: Value }
  | { readonly accepted: false; readonly refusal: ComputeApiRefusal };
