import { z } from 'zod';
import {
  blockMigration,
  bootImages,
  flavorSnapshot,
  hostName,
  initiator,
  instanceId,
  instant,
  migrationId,
  type ObjectSchema,
} from './event-vocabulary.ts';
import { serverChangeEventSchemas } from './server-change-event-schemas.ts';

/** The stored form of each InstanceEvent, in its current version. */
export const instanceEventSchemas = (object: ObjectSchema) => ({
  ...creationSchemas(object),
  ...powerSchemas(object),
  ...rescueSchemas(object),
  ...migrationSchemas(object),
  ...administrationSchemas(object),
  ...serverChangeEventSchemas(object),
});

const at = instant;
const reason = z.string();

function creationSchemas(object: ObjectSchema) {
  return {
    InstanceCreateRequested: object({
      type: z.literal('InstanceCreateRequested'),
      instanceId,
      name: z.string(),
      initiator: initiator(object),
      images: bootImages(object),
      flavor: flavorSnapshot(object),
      requestedHost: hostName.nullable(),
      metadata: z.record(z.string(), z.string()),
      at,
    }),
    InstanceScheduled: object({ type: z.literal('InstanceScheduled'), host: hostName, at }),
    InstanceSpawned: object({ type: z.literal('InstanceSpawned'), at }),
    InstanceCreateFailed: object({ type: z.literal('InstanceCreateFailed'), reason, at }),
  };
}

function powerSchemas(object: ObjectSchema) {
  const action = z.enum(['stop', 'start', 'pause', 'unpause', 'suspend', 'resume', 'reboot']);
  return {
    PowerActionRequested: object({
      type: z.literal('PowerActionRequested'),
      action,
      rebootType: z.enum(['SOFT', 'HARD']).nullable(),
      initiator: initiator(object),
      at,
    }),
    PowerActionCompleted: object({ type: z.literal('PowerActionCompleted'), action, at }),
    PowerActionFailed: object({ type: z.literal('PowerActionFailed'), action, reason, at }),
    PowerStateObserved: object({
      type: z.literal('PowerStateObserved'),
      powerState: z.enum(['running', 'paused', 'shutdown', 'crashed']),
      at,
    }),
  };
}

function rescueSchemas(object: ObjectSchema) {
  return {
    RescueRequested: object({
      type: z.literal('RescueRequested'),
      rescueImages: bootImages(object),
      initiator: initiator(object),
      at,
    }),
    OriginalDefinitionCaptured: object({
      type: z.literal('OriginalDefinitionCaptured'),
      definition: z.string(),
      sha256: z.string(),
      at,
    }),
    InstanceRescued: object({ type: z.literal('InstanceRescued'), at }),
    RescueFailed: object({ type: z.literal('RescueFailed'), reason, guestAffected: z.boolean(), at }),
    UnrescueRequested: object({ type: z.literal('UnrescueRequested'), initiator: initiator(object), at }),
    InstanceUnrescued: object({ type: z.literal('InstanceUnrescued'), at }),
    UnrescueFailed: object({ type: z.literal('UnrescueFailed'), reason, at }),
  };
}

function migrationSchemas(object: ObjectSchema) {
  return {
    LiveMigrationRequested: object({
      type: z.literal('LiveMigrationRequested'),
      migrationId,
      source: hostName,
      requestedHost: hostName.nullable(),
      blockMigration,
      bypassesScheduler: z.boolean(),
      checkedBeforeAnswer: z.boolean(),
      initiator: initiator(object),
      at,
    }),
    DestinationAdopted: object({ type: z.literal('DestinationAdopted'), migrationId, host: hostName, at }),
    LiveMigrationCompleted: object({ type: z.literal('LiveMigrationCompleted'), migrationId, at }),
    LiveMigrationRolledBack: object({ type: z.literal('LiveMigrationRolledBack'), migrationId, reason, at }),
  };
}

function administrationSchemas(object: ObjectSchema) {
  return {
    InstanceLocked: object({
      type: z.literal('InstanceLocked'),
      reason: reason.nullable(),
      initiator: initiator(object),
      at,
    }),
    InstanceUnlocked: object({ type: z.literal('InstanceUnlocked'), initiator: initiator(object), at }),
    InstanceStateReset: object({
      type: z.literal('InstanceStateReset'),
      vmState: z.enum(['active', 'error']),
      initiator: initiator(object),
      at,
    }),
    DeleteRequested: object({ type: z.literal('DeleteRequested'), initiator: initiator(object), at }),
    InstanceDeleted: object({ type: z.literal('InstanceDeleted'), at }),
    DeleteFailed: object({ type: z.literal('DeleteFailed'), reason, at }),
  };
}
