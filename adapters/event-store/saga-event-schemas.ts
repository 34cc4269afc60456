import { z } from 'zod';
import {
  blockMigration,
  hostName,
  imageId,
  initiator,
  instanceId,
  instant,
  list,
  migrationId,
  type ObjectSchema,
} from './event-vocabulary.ts';

/** The stored form of each SagaEvent, in its current version. */
export const sagaEventSchemas = (object: ObjectSchema) => ({
  MigrationAccepted: object({
    type: z.literal('MigrationAccepted'),
    migrationId,
    instanceId,
    source: hostName,
    requestedHost: hostName.nullable(),
    blockMigration,
    rescued: z.boolean(),
    initiator: initiator(object),
    at,
  }),
  MigrationClaimed: object({ type: z.literal('MigrationClaimed'), epoch: z.int(), runner, at }),
  ...stepSchemas(object),
  ...undoSchemas(object),
  ...leverSchemas(object),
});

const at = instant;
const reason = z.string();
const runner = z.string();
const attempt = z.int();

function stepSchemas(object: ObjectSchema) {
  const step = z.enum([
    'selectDestination',
    'prepareDestination',
    'stageArtifacts',
    'migrateGuest',
    'confirmSource',
    'adoptAtDestination',
    'clearSource',
  ]);
  const phase = z.enum(['begun', 'prepared', 'performing']);
  return {
    StepStarted: object({ type: z.literal('StepStarted'), step, attempt, runner, at }),
    StepSucceeded: object({ type: z.literal('StepSucceeded'), result: stepResult(object), at }),
    StepFailed: object({ type: z.literal('StepFailed'), step, reason, checks: preChecks(object), at }),
    StepOutcomeUnknown: object({ type: z.literal('StepOutcomeUnknown'), step, reason, at }),
    PhaseReached: object({ type: z.literal('PhaseReached'), phase, artifacts: stagedArtifacts(object), at }),
  };
}

function undoSchemas(object: ObjectSchema) {
  const undo = z.enum(['clearDestination', 'removeArtifacts', 'restoreSource']);
  return {
    UndoStarted: object({ type: z.literal('UndoStarted'), undo, attempt, runner, at }),
    UndoSucceeded: object({ type: z.literal('UndoSucceeded'), undo, at }),
    UndoFailed: object({ type: z.literal('UndoFailed'), undo, reason, at }),
  };
}

function leverSchemas(object: ObjectSchema) {
  const resolution = z.enum(['retry', 'rollback', 'adoptDestination']);
  const initiatorOrNull = initiator(object).nullable();
  return {
    AbortRequested: object({ type: z.literal('AbortRequested'), initiator: initiatorOrNull, at }),
    ForceCompleteRequested: object({ type: z.literal('ForceCompleteRequested'), initiator: initiator(object), at }),
    OperatorResolved: object({ type: z.literal('OperatorResolved'), resolution, initiator: initiatorOrNull, at }),
  };
}

function stepResult(object: ObjectSchema) {
  return z.discriminatedUnion('step', [
    object({ step: z.literal('selectDestination'), destination: hostName, checks: preChecks(object) }),
    object({ step: z.literal('prepareDestination'), transfers: artifactTransfers(object) }),
    object({ step: z.literal('stageArtifacts'), artifacts: stagedArtifacts(object), stagingMs: z.number() }),
    object({
      step: z.literal('migrateGuest'),
      figures: transferFigures(object),
      learnedBy: z.enum(['reply', 'inquiry']),
    }),
    object({ step: z.literal('confirmSource') }),
    object({ step: z.literal('adoptAtDestination') }),
    object({ step: z.literal('clearSource') }),
  ]);
}

function preChecks(object: ObjectSchema) {
  return list(
    object({
      name: z.enum(['check_can_live_migrate_destination', 'check_can_live_migrate_source']),
      host: hostName,
      startedAt: instant,
      finishedAt: instant,
      refusal: z.string().nullable(),
    }),
  );
}

function artifactTransfers(object: ObjectSchema) {
  return list(object({ name: z.string(), imageId: imageId.nullable() }));
}

function stagedArtifacts(object: ObjectSchema) {
  const origin = z.enum(['imageService', 'sourceHost', 'eventLog']);
  return list(object({ name: z.string(), origin, bytes: z.int(), sha256: z.string() }));
}

function transferFigures(object: ObjectSchema) {
  const figure = z.number().nullable();
  return object({ downtimeMs: figure, transferMs: figure, memoryBytes: figure, diskBytes: figure });
}
