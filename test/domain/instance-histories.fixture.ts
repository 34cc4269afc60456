import type { LiveMigrate } from '../../domain/instance/instance-commands.ts';
import type { InstanceEvent, PowerAction } from '../../domain/instance/instance-events.ts';
import type { BootImages } from '../../domain/instance/boot-images.ts';
import {
  hostName,
  imageId,
  instanceId,
  instant,
  migrationId,
  projectId,
  requestId,
  serviceVersion,
  userId,
} from '../../domain/shared/ids.ts';

export const AT = instant('2026-03-01T08:30:00.000Z');
export const LATER = instant('2026-03-01T08:31:00.000Z');
export const SERVER = instanceId('1c9d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5');
export const MIGRATION = migrationId('9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d');
export const OTHER_MIGRATION = migrationId('5f1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d');
export const [SOURCE, DESTINATION] = [hostName('compute-a'), hostName('compute-b')];
export const INITIATOR = {
  requestId: requestId('req-6f0c1a52-8f0e-4d9f-9a57-1d3c5b7e9f01'),
  userId: userId('owner'),
  projectId: projectId('project'),
};
export const FLAVOR = { id: '1', name: 'm1.tiny', vcpus: 1, ramMiB: 128, diskGiB: 1 };
export const BOOT_IMAGES: BootImages = {
  imageId: imageId('stock'),
  kernelId: imageId('stock-kernel'),
  ramdiskId: imageId('stock-ramdisk'),
};
export const RESCUE_IMAGES: BootImages = {
  imageId: imageId('rescue'),
  kernelId: imageId('rescue-kernel'),
  ramdiskId: imageId('rescue-ramdisk'),
};
export const ORIGINAL = { definition: '<domain/>', sha256: 'ab'.repeat(32) };

export const OWNER = { initiator: INITIATOR, callerIsAdmin: false, at: AT };
export const ADMIN = { ...OWNER, callerIsAdmin: true };

export const LIVE_MIGRATE: LiveMigrate = {
  type: 'LiveMigrate',
  migrationId: MIGRATION,
  blockMigration: 'auto',
  microversion: { major: 2, minor: 105 },
  minimumServiceVersion: serviceVersion(74),
  requestedHost: null,
  requestedHostKnown: false,
  force: false,
  ...ADMIN,
};

export const CREATE_REQUESTED: InstanceEvent = {
  type: 'InstanceCreateRequested',
  instanceId: SERVER,
  name: 'server',
  initiator: INITIATOR,
  images: BOOT_IMAGES,
  flavor: FLAVOR,
  requestedHost: null,
  metadata: {},
  at: AT,
};
export const RESCUE_REQUESTED: InstanceEvent = {
  type: 'RescueRequested',
  rescueImages: RESCUE_IMAGES,
  initiator: INITIATOR,
  at: AT,
};
export const CAPTURED: InstanceEvent = { type: 'OriginalDefinitionCaptured', ...ORIGINAL, at: AT };
export const MIGRATION_REQUESTED = {
  type: 'LiveMigrationRequested',
  migrationId: MIGRATION,
  source: SOURCE,
  requestedHost: null,
  blockMigration: 'auto',
  bypassesScheduler: false,
  checkedBeforeAnswer: false,
  initiator: INITIATOR,
  at: AT,
} as const satisfies InstanceEvent;
export const ADOPTED: InstanceEvent = {
  type: 'DestinationAdopted',
  migrationId: MIGRATION,
  host: DESTINATION,
  at: AT,
};
export const COMPLETED: InstanceEvent = { type: 'LiveMigrationCompleted', migrationId: MIGRATION, at: AT };
export const ROLLED_BACK: InstanceEvent = {
  type: 'LiveMigrationRolledBack',
  migrationId: MIGRATION,
  reason: 'no',
  at: AT,
};
export const UNRESCUE_REQUESTED: InstanceEvent = { type: 'UnrescueRequested', initiator: INITIATOR, at: AT };
export const DELETE_REQUESTED: InstanceEvent = { type: 'DeleteRequested', initiator: INITIATOR, at: AT };
export const RESET_TO_ACTIVE: InstanceEvent = {
  type: 'InstanceStateReset',
  vmState: 'active',
  initiator: INITIATOR,
  at: AT,
};
export const RESET_TO_ERROR: InstanceEvent = { ...RESET_TO_ACTIVE, vmState: 'error' };
export const LOCKED: InstanceEvent = { type: 'InstanceLocked', reason: null, initiator: INITIATOR, at: AT };

const power = (action: PowerAction): readonly InstanceEvent[] => [
  { type: 'PowerActionRequested', action, rebootType: null, initiator: INITIATOR, at: AT },
  { type: 'PowerActionCompleted', action, at: AT },
];

const building: readonly InstanceEvent[] = [CREATE_REQUESTED];
const scheduled: readonly InstanceEvent[] = [...building, { type: 'InstanceScheduled', host: SOURCE, at: AT }];
const active: readonly InstanceEvent[] = [...scheduled, { type: 'InstanceSpawned', at: AT }];
const rescued: readonly InstanceEvent[] = [...active, RESCUE_REQUESTED, CAPTURED, { type: 'InstanceRescued', at: AT }];

/** A history that leads to each vm_state in which a server is idle, and to those in which something is under way. */
export const HISTORY = {
  building,
  scheduled,
  active,
  stopped: [...active, ...power('stop')],
  paused: [...active, ...power('pause')],
  rescued,
  error: [...active, RESET_TO_ERROR],
  deleted: [...active, DELETE_REQUESTED, { type: 'InstanceDeleted', at: AT }],
  neverLaunched: [...building, RESET_TO_ACTIVE],
  rescuing: [...active, RESCUE_REQUESTED],
  capturing: [...active, RESCUE_REQUESTED, CAPTURED],
  unrescuing: [...rescued, UNRESCUE_REQUESTED],
  migrating: [...rescued, MIGRATION_REQUESTED],
  deleting: [...active, DELETE_REQUESTED],
} as const satisfies Record<string, readonly InstanceEvent[]>;
