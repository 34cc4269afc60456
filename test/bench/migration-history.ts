import type { SagaEvent, StepResult } from '../../domain/migration/saga-events.ts';
import {
  hostName,
  imageId,
  instanceId,
  instant,
  migrationId,
  projectId,
  requestId,
  userId,
} from '../../domain/shared/ids.ts';

const at = instant('2026-03-01T08:30:00.000Z');
const source = hostName('compute-1.example.org');
const destination = hostName('compute-2.example.org');
const kernel = imageId('155d900f-4e14-4e4c-a73d-069cbf4541e6');
const sha256 = '0123456789abcdef'.repeat(4);

const check = { startedAt: at, finishedAt: at, refusal: null };
const figures = { downtimeMs: 38, transferMs: 5210, memoryBytes: 2_147_483_648, diskBytes: 21_474_836_480 };

const results: readonly StepResult[] = [
  {
    step: 'selectDestination',
    destination,
    checks: [
      { ...check, name: 'check_can_live_migrate_destination', host: destination },
      { ...check, name: 'check_can_live_migrate_source', host: source },
    ],
  },
  {
    step: 'prepareDestination',
    transfers: [
      { name: 'unrescue.xml', imageId: null },
      { name: 'kernel.rescue', imageId: kernel },
    ],
  },
  {
    step: 'stageArtifacts',
    artifacts: [
      { name: 'unrescue.xml', origin: 'sourceHost', bytes: 4096, sha256 },
      { name: 'kernel.rescue', origin: 'imageService', bytes: 8_388_608, sha256 },
    ],
    stagingMs: 120,
  },
  { step: 'migrateGuest', figures, learnedBy: 'reply' },
  { step: 'confirmSource' },
  { step: 'adoptAtDestination' },
  { step: 'clearSource' },
];

const accepted: SagaEvent = {
  type: 'MigrationAccepted',
  migrationId: migrationId('9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d'),
  instanceId: instanceId('1c9d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5'),
  source,
  requestedHost: null,
  blockMigration: 'auto',
  rescued: true,
  initiator: {
    requestId: requestId('req-6f0c1a52-8f0e-4d9f-9a57-1d3c5b7e9f01'),
    userId: userId('a3f1c2d4e5b60718293a4b5c6d7e8f90'),
    projectId: projectId('0f9e8d7c6b5a49382716051423324150'),
  },
  at,
};

/** One successful migration of a rescued server, event by event: what a log consists of. */
export const MIGRATION_HISTORY: readonly SagaEvent[] = [
  accepted,
  ...results.flatMap((result): readonly SagaEvent[] => [
    { type: 'StepStarted', step: result.step, attempt: 1, runner: 'conductor-1', at },
    ...(result.step === 'migrateGuest'
      ? (['begun', 'prepared', 'performing'] as const).map(
          (phase) => ({ artifacts: [], type: 'PhaseReached', phase, at }) as const,
        )
      : []),
    { type: 'StepSucceeded', result, at },
  ]),
];
