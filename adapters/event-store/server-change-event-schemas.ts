import { z } from 'zod';
import {
  bootImages,
  flavorSnapshot,
  hostName,
  imageId,
  initiator,
  instant,
  list,
  serverGroupId,
  type ObjectSchema,
} from './event-vocabulary.ts';

/** The stored form of each ServerChangeEvent, in its current version. */
export function serverChangeEventSchemas(object: ObjectSchema) {
  return {
    ...describingSchemas(object),
    ...rebuildSchemas(object),
    ...resizeSchemas(object),
    ...shelveSchemas(object),
    ...snapshotSchemas(object),
  };
}

const at = instant;
const reason = z.string();
const metadata = z.record(z.string(), z.string());

function describingSchemas(object: ObjectSchema) {
  const asked = { initiator: initiator(object), at };
  const options = object({
    keyName: z.string().nullable(),
    serverGroupId: serverGroupId.nullable(),
    schedulerHints: z.record(z.string(), z.union([z.string(), list(z.string())])),
    availabilityZone: z.string().nullable(),
    reservationId: z.string().nullable(),
    launchIndex: z.int(),
    configDrive: z.boolean().exactOptional(),
  });
  const details = object({
    description: z.string().nullable(),
    hostname: z.string().nullable(),
    accessIpV4: z.string(),
    accessIpV6: z.string(),
    diskConfig: z.enum(['AUTO', 'MANUAL']),
  });
  return {
    CreateOptionsRecorded: object({ type: z.literal('CreateOptionsRecorded'), options, at }),
    NetworkInterfacesRecorded: object({
      type: z.literal('NetworkInterfacesRecorded'),
      interfaces: list(object({ portId: z.string(), networkId: z.string(), macAddress: z.string() })),
      at,
    }),
    InstanceUpdated: object({ type: z.literal('InstanceUpdated'), name: z.string(), details, ...asked }),
    InstanceMetadataReplaced: object({ type: z.literal('InstanceMetadataReplaced'), metadata, ...asked }),
    InstanceTagsReplaced: object({ type: z.literal('InstanceTagsReplaced'), tags: list(z.string()), ...asked }),
    GuestDataReplaced: object({
      type: z.literal('GuestDataReplaced'),
      keyName: z.string().nullable(),
      userData: z.string().nullable(),
      ...asked,
    }),
    AdminPasswordChangeFailed: object({ type: z.literal('AdminPasswordChangeFailed'), reason, ...asked }),
  };
}

function rebuildSchemas(object: ObjectSchema) {
  const asked = { initiator: initiator(object), at };
  return {
    RebuildRequested: object({ type: z.literal('RebuildRequested'), images: bootImages(object), ...asked }),
    InstanceRebuilt: object({ type: z.literal('InstanceRebuilt'), at }),
    RebuildFailed: object({ type: z.literal('RebuildFailed'), reason, at }),
  };
}

function resizeSchemas(object: ObjectSchema) {
  const asked = { initiator: initiator(object), at };
  return {
    ResizeRequested: object({ type: z.literal('ResizeRequested'), flavor: flavorSnapshot(object), ...asked }),
    InstanceResized: object({ type: z.literal('InstanceResized'), at }),
    ResizeFailed: object({ type: z.literal('ResizeFailed'), reason, guestAffected: z.boolean(), at }),
    ColdMigrationRequested: object({ type: z.literal('ColdMigrationRequested'), destination: hostName, ...asked }),
    ResizeConfirmRequested: object({ type: z.literal('ResizeConfirmRequested'), ...asked }),
    ResizeConfirmed: object({ type: z.literal('ResizeConfirmed'), ...asked }),
    ResizeRevertRequested: object({ type: z.literal('ResizeRevertRequested'), ...asked }),
    ResizeReverted: object({ type: z.literal('ResizeReverted'), at }),
    ResizeRevertFailed: object({ type: z.literal('ResizeRevertFailed'), reason, at }),
  };
}

function shelveSchemas(object: ObjectSchema) {
  const asked = { initiator: initiator(object), at };
  const image = object({ imageId, name: z.string() });
  return {
    ShelveRequested: object({ type: z.literal('ShelveRequested'), image, ...asked }),
    InstanceShelved: object({ type: z.literal('InstanceShelved'), at }),
    ShelveFailed: object({ type: z.literal('ShelveFailed'), reason, guestAffected: z.boolean(), at }),
    UnshelveRequested: object({ type: z.literal('UnshelveRequested'), host: hostName.nullable(), ...asked }),
    InstanceUnshelved: object({ type: z.literal('InstanceUnshelved'), at }),
    UnshelveFailed: object({ type: z.literal('UnshelveFailed'), reason, at }),
  };
}

function snapshotSchemas(object: ObjectSchema) {
  const image = object({
    imageId,
    name: z.string(),
    minRamMiB: z.int(),
    properties: z.record(z.string(), z.string()),
  });
  const asked = { initiator: initiator(object), at };
  return {
    SnapshotRequested: object({ type: z.literal('SnapshotRequested'), image, ...asked }),
    SnapshotTaken: object({ type: z.literal('SnapshotTaken'), at }),
    SnapshotFailed: object({ type: z.literal('SnapshotFailed'), reason, at }),
  };
}
