import { randomUUID } from 'node:crypto';
import type { EffectOutcome, InstanceCommand } from '../../domain/instance/instance-commands.ts';
import {
  hostName,
  imageId,
  instant,
  migrationId,
  projectId,
  requestId,
  serviceVersion,
  userId,
  type InstanceId,
} from '../../domain/shared/ids.ts';

export const IMAGE = 'd944c41a-f825-4e0c-bb3d-e7915177422b';

/** Where a server can be brought to by events that no runner has to be there for. */
export type Stage =
  | 'building'
  | 'active'
  | 'paused'
  | 'stopped'
  | 'rescued'
  | 'error'
  | 'rescuing'
  | 'unrescuing'
  | 'migrating'
  | 'rebooting'
  | 'deleting'
  | 'deleted';

/** What was asked and reported until a new server of `project` is there; it runs on host `source`. */
export const commandsTo = (stage: Stage, id: InstanceId, project: string): readonly InstanceCommand[] =>
  COMMANDS_TO[stage](id, project);

const asked = (project: string) => ({
  initiator: {
    requestId: requestId(`req-${randomUUID()}`),
    userId: userId('someone'),
    projectId: projectId(project),
  },
  callerIsAdmin: true,
  at: instant(new Date().toISOString()),
});

const outcome = (effectOutcome: EffectOutcome): InstanceCommand => ({
  type: 'RecordEffectOutcome',
  effectOutcome,
  at: instant(new Date().toISOString()),
});
const succeeded = (effect: 'spawn' | 'power' | 'rescue' | 'unrescue' | 'destroy') =>
  outcome({ effect, outcome: 'succeeded' });

type Commands = (id: InstanceId, project: string) => readonly InstanceCommand[];

const images = { imageId: imageId(IMAGE), kernelId: null, ramdiskId: null };

const building: Commands = (id, project) => [
  {
    type: 'CreateInstance',
    instanceId: id,
    name: 'g',
    images,
    flavor: { id: '1', name: 'm1.tiny', vcpus: 1, ramMiB: 64, diskGiB: 1 },
    requestedHost: null,
    metadata: {},
    ...asked(project),
  },
];
const active: Commands = (id, project) => [
  ...building(id, project),
  outcome({ effect: 'schedule', outcome: 'succeeded', host: hostName('source') }),
  succeeded('spawn'),
];
const power =
  (action: 'pause' | 'stop' | 'reboot'): Commands =>
  (id, project) => [
    ...active(id, project),
    { type: 'RunPowerAction', action, rebootType: action === 'reboot' ? 'SOFT' : null, ...asked(project) },
  ];
const rescuing: Commands = (id, project) => [
  ...active(id, project),
  { type: 'Rescue', rescueImages: images, ...asked(project) },
];
const rescued: Commands = (id, project) => [
  ...rescuing(id, project),
  outcome({
    effect: 'captureDefinition',
    outcome: 'succeeded',
    original: { definition: '<domain/>', sha256: 'a'.repeat(64) },
  }),
  succeeded('rescue'),
];

const COMMANDS_TO: Readonly<Record<Stage, Commands>> = {
  building,
  active,
  rescuing,
  rescued,
  rebooting: power('reboot'),
  paused: (id, project) => [...power('pause')(id, project), succeeded('power')],
  stopped: (id, project) => [...power('stop')(id, project), succeeded('power')],
  error: (id, project) => [...active(id, project), { type: 'ResetState', vmState: 'error', ...asked(project) }],
  unrescuing: (id, project) => [...rescued(id, project), { type: 'Unrescue', ...asked(project) }],
  migrating: (id, project) => [
    ...active(id, project),
    {
      type: 'LiveMigrate',
      migrationId: migrationId(randomUUID()),
      microversion: { major: 2, minor: 30 },
      minimumServiceVersion: serviceVersion(74),
      requestedHost: null,
      requestedHostKnown: false,
      blockMigration: 'auto',
      force: false,
      ...asked(project),
    },
  ],
  deleting: (id, project) => [...active(id, project), { type: 'Delete', ...asked(project) }],
  deleted: (id, project) => [...active(id, project), { type: 'Delete', ...asked(project) }, succeeded('destroy')],
};
