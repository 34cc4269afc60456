import * as fc from 'fast-check';
import type { InstanceCommand } from '../../domain/instance/instance-commands.ts';
import type { SagaCommand } from '../../domain/migration/decide-saga.ts';
import type { PreCheck } from '../../domain/migration/saga-events.ts';
import type { StepName } from '../../domain/migration/saga-steps.ts';
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

const AT = instant('2026-03-01T08:30:00.000Z');
export const SERVER = instanceId('1c9d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5');
export const MIGRATIONS = [
  migrationId('00000000-0000-4000-8000-00000000000a'),
  migrationId('00000000-0000-4000-8000-00000000000b'),
];
const HOSTS = [hostName('compute-a'), hostName('compute-b')];
const INITIATOR = { requestId: requestId('req-1'), userId: userId('owner'), projectId: projectId('project') };
const request = fc.record({
  initiator: fc.constant(INITIATOR),
  callerIsAdmin: fc.boolean(),
  at: fc.constant(AT),
});

const images = fc.record(
  {
    imageId: fc.constant(imageId('00000000-0000-4000-8000-00000000aaa0')),
    kernelId: fc.constantFrom(null, imageId('00000000-0000-4000-8000-00000000aaa1')),
    ramdiskId: fc.constantFrom(null, imageId('00000000-0000-4000-8000-00000000aaa2')),
  },
  { noNullPrototype: true },
);
const original = fc.constant({ definition: '<domain/>', sha256: 'ab'.repeat(32) });
const migration = fc.constantFrom(...MIGRATIONS);

const power = fc.record({
  type: fc.constant('RunPowerAction' as const),
  action: fc.constantFrom('stop' as const, 'start' as const, 'pause' as const, 'unpause' as const),
  rebootType: fc.constant(null),
});
const reboot = fc.record({
  type: fc.constant('RunPowerAction' as const),
  action: fc.constant('reboot' as const),
  rebootType: fc.constantFrom('SOFT' as const, 'HARD' as const),
});

const liveMigrate = fc.record({
  type: fc.constant('LiveMigrate' as const),
  migrationId: migration,
  blockMigration: fc.constantFrom(true, false, 'auto' as const),
  microversion: fc.record({ major: fc.constant(2), minor: fc.constantFrom(1, 99, 104, 105) }),
  minimumServiceVersion: fc.constantFrom(serviceVersion(73), serviceVersion(74)),
  requestedHost: fc.constantFrom(null, ...HOSTS),
  requestedHostKnown: fc.boolean(),
  force: fc.boolean(),
});

const succeeded = fc.oneof(
  fc.record({
    effect: fc.constant('schedule' as const),
    outcome: fc.constant('succeeded' as const),
    host: fc.constantFrom(...HOSTS),
  }),
  fc.record({
    effect: fc.constant('captureDefinition' as const),
    outcome: fc.constant('succeeded' as const),
    original,
  }),
  fc.record({
    effect: fc.constantFrom(
      'spawn' as const,
      'power' as const,
      'rescue' as const,
      'unrescue' as const,
      'destroy' as const,
    ),
    outcome: fc.constant('succeeded' as const),
  }),
);
const failed = fc.record({
  effect: fc.constantFrom('schedule', 'spawn', 'power', 'captureDefinition', 'rescue', 'unrescue', 'destroy'),
  outcome: fc.constant('failed' as const),
  reason: fc.constant('broken'),
  guestAffected: fc.boolean(),
});

/** Any command that a server may be told, by anybody, at any time. */
export const instanceCommand: fc.Arbitrary<InstanceCommand> = fc.oneof(
  fc.record({
    type: fc.constant('CreateInstance' as const),
    instanceId: fc.constant(SERVER),
    name: fc.constant('server'),
    images,
    flavor: fc.constant({ id: '1', name: 'm1.tiny', vcpus: 1, ramMiB: 128, diskGiB: 1 }),
    requestedHost: fc.constantFrom(null, ...HOSTS),
    metadata: fc.constant({}),
    ...fields(),
  }),
  both(power),
  both(reboot),
  both(fc.record({ type: fc.constant('Rescue' as const), rescueImages: images })),
  both(fc.record({ type: fc.constantFrom('Unrescue' as const, 'Unlock' as const, 'Delete' as const) })),
  both(liveMigrate),
  both(fc.record({ type: fc.constant('Lock' as const), reason: fc.constantFrom(null, 'repair') })),
  both(
    fc.record({
      type: fc.constant('ResetState' as const),
      vmState: fc.constantFrom('active' as const, 'error' as const),
    }),
  ),
  fc.record({
    type: fc.constant('RecordEffectOutcome' as const),
    effectOutcome: fc.oneof({ weight: 4, arbitrary: succeeded }, { weight: 1, arbitrary: failed }),
    at: fc.constant(AT),
  }),
  fc.record({
    type: fc.constant('AdoptDestination' as const),
    migrationId: migration,
    host: fc.constantFrom(...HOSTS),
    at: fc.constant(AT),
  }),
  fc.record({ type: fc.constant('CompleteLiveMigration' as const), migrationId: migration, at: fc.constant(AT) }),
  fc.record({
    type: fc.constant('RollBackLiveMigration' as const),
    migrationId: migration,
    reason: fc.constant('no'),
    at: fc.constant(AT),
  }),
);

function fields() {
  return { initiator: fc.constant(INITIATOR), callerIsAdmin: fc.boolean(), at: fc.constant(AT) };
}

function both<Command extends object>(command: fc.Arbitrary<Command>) {
  return fc.tuple(command, request).map(([own, shared]) => ({ ...own, ...shared }));
}

/** How a call ended, and whether its effect stands although it did not succeed; `late`: it lands some calls later. */
export type Turn = {
  readonly told: 'succeeded' | 'failed' | 'unknown' | 'crashed';
  readonly effect: 'none' | 'stands' | 'late';
};

const turn: fc.Arbitrary<Turn> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Turn>({ told: 'succeeded', effect: 'stands' }) },
  {
    weight: 2,
    arbitrary: fc.record({
      told: fc.constantFrom<Turn['told'][]>('failed', 'unknown', 'crashed'),
      effect: fc.constantFrom<Turn['effect'][]>('none', 'stands', 'late'),
    }),
  },
);

/** A few turns and then one for ever: a counterexample stays short, and what fails for good is covered. */
export type Script = { readonly turns: readonly Turn[]; readonly thenAlways: Turn };

export const script: fc.Arbitrary<Script> = fc.record({ turns: fc.array(turn, { maxLength: 12 }), thenAlways: turn });

/** What a runner may tell a saga, awaited or not. */
export const sagaOutcome: fc.Arbitrary<SagaCommand> = fc.oneof(
  stepName().map((step) => ({ type: 'RecordStepFailure' as const, step, reason: 'broken', checks: [], at: AT })),
  stepName().map((step) => ({ type: 'RecordStepUnknown' as const, step, reason: 'lost', at: AT })),
  stepName().map((step) => ({ type: 'RecordStepSuccess' as const, result: resultOf(step), at: AT })),
  fc.record({
    type: fc.constant('RecordPhase' as const),
    phase: fc.constantFrom('begun', 'prepared', 'performing'),
    artifacts: fc.constant([]),
    at: fc.constant(AT),
  }),
  undoName().map((undo) => ({ type: 'RecordUndoSuccess' as const, undo, at: AT })),
  undoName().map((undo) => ({ type: 'RecordUndoFailure' as const, undo, reason: 'broken', at: AT })),
  fc
    .tuple(stepName(), fc.integer({ min: 1, max: 12 }))
    .map(([step, attempt]) => ({ type: 'StartStep' as const, step, attempt, runner: 'other', at: AT })),
  fc
    .tuple(undoName(), fc.integer({ min: 1, max: 12 }))
    .map(([undo, attempt]) => ({ type: 'StartUndo' as const, undo, attempt, runner: 'other', at: AT })),
);

function stepName(): fc.Arbitrary<StepName> {
  return fc.constantFrom<StepName[]>(
    'selectDestination',
    'prepareDestination',
    'stageArtifacts',
    'migrateGuest',
    'confirmSource',
    'adoptAtDestination',
    'clearSource',
  );
}

function undoName() {
  return fc.constantFrom('clearDestination' as const, 'removeArtifacts' as const, 'restoreSource' as const);
}

/** What each step leaves, as a runner would tell it. */
export function resultOf(step: StepName) {
  const checks: readonly PreCheck[] = [];
  switch (step) {
    case 'selectDestination':
      return { step, destination: hostName('compute-b'), checks };
    case 'prepareDestination':
      return { step, transfers: [] };
    case 'stageArtifacts':
      return { step, artifacts: [], stagingMs: 1 };
    case 'migrateGuest':
      return {
        step,
        figures: { downtimeMs: 1, transferMs: 1, memoryBytes: 1, diskBytes: 1 },
        learnedBy: 'reply' as const,
      };
    case 'confirmSource':
    case 'adoptAtDestination':
    case 'clearSource':
      return { step };
  }
}
