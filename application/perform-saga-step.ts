import { mayRemoveSource } from '../domain/migration/whereabouts.ts';
import type { StepName } from '../domain/migration/saga-steps.ts';
import { failed, type Outcome } from '../domain/shared/outcome.ts';
import { INSTANCE, instanceStream } from './aggregates.ts';
import { handleCommand, refuseToForget } from './handle-command.ts';
import { inquireGuest } from './inquire-guest.ts';
import { descriptionOf } from './migration-description.ts';
import { migrateGuest, planOf, stage } from './perform-transfer-steps.ts';
import type { MigrationDescription } from './ports/hypervisor-driver.ts';
import { reclaimDestination } from './reclaim-destination.ts';
import { refuseStaleMigration } from './refuse-stale-migration.ts';
import { answerOf, hostPair, type HostPair, type StepAnswer, type StepContext } from './saga-step-context.ts';
import { selectDestination } from './select-destination.ts';

/** One step of the table, carried out through the ports. The answer is recorded by the caller. */
export async function performSagaStep(context: StepContext, step: StepName): Promise<StepAnswer> {
  const { dependencies, saga, instance } = context;
  const description = descriptionOf(saga, instance);
  if (step === 'selectDestination') {
    const selection = await selectDestination(dependencies, saga, instance, description);
    return selection.selected
      ? { outcome: 'succeeded', value: { step, destination: selection.destination, checks: selection.checks } }
      : { outcome: 'failed', reason: selection.reason, checks: selection.checks };
  }
  const pair = hostPair(context);
  if (pair === null) return answerOf(step, failed('A compute service of this migration is not run by this process.'));
  switch (step) {
    case 'prepareDestination':
      return prepareDestination(context, pair, description);
    case 'stageArtifacts':
      return stage(context, pair, description);
    case 'migrateGuest':
      return migrateGuest(context, pair, description);
    case 'confirmSource':
      return answerOf(step, await confirmSource(pair, description), { step });
    case 'adoptAtDestination':
      return adopt(context, pair, description);
    case 'clearSource':
      return answerOf(step, await clearSource(context, pair, description), { step });
  }
}

async function prepareDestination(
  { dependencies, instance, facts: driven }: StepContext,
  { source, destination }: HostPair,
  description: MigrationDescription,
): Promise<StepAnswer> {
  const step = 'prepareDestination';
  const facts = await driven.ask(source, destination, description);
  if (facts.outcome !== 'succeeded') return answerOf(step, facts);
  const reclaimed = await reclaimDestination(dependencies.views, destination, description);
  if (reclaimed.outcome !== 'succeeded') return answerOf(step, reclaimed);
  const prepared = await destination.prepareDestination(description, facts.value);
  return answerOf(step, prepared, { step, transfers: planOf(instance, facts.value) });
}

/** The last guard of the invariant: a source copy goes only beside a guest that stands on the destination. */
async function confirmSource(
  { source, destination }: HostPair,
  description: MigrationDescription,
): Promise<Outcome<null>> {
  const found = await inquireGuest(source, destination, description.guest.instanceId);
  if (!mayRemoveSource(found.source, found.destination)) {
    return failed(
      `The guest is not known to be on ${destination.host} (${found.destination}); the source is left as it is.`,
    );
  }
  return source.confirmSource(description);
}

/** Confirms once more: an operator may have taken the destination's copy while the source could not be reached. */
async function clearSource(
  { saga, instance }: StepContext,
  { source, destination }: HostPair,
  description: MigrationDescription,
): Promise<Outcome<null>> {
  const stale = refuseStaleMigration(saga, instance, saga.source);
  if (stale !== null) return failed(stale);
  const confirmed = await source.confirmSource(description);
  if (confirmed.outcome !== 'succeeded') return confirmed;
  // Looked at again, and now: what the guest runs from on the destination is never removed here.
  const shared = await source.sharesDirectory(description, destination);
  if (shared.outcome !== 'succeeded') return shared;
  return shared.value ? source.leaveSharedDirectory(description) : source.clearSource(instance.instanceId);
}

async function adopt(
  { dependencies, saga, instance, metadata }: StepContext,
  { destination }: HostPair,
  description: MigrationDescription,
): Promise<StepAnswer> {
  const step = 'adoptAtDestination';
  const adopted = await destination.adoptAtDestination(description);
  if (adopted.outcome === 'succeeded') {
    const { migrationId } = saga;
    const command = {
      type: 'AdoptDestination',
      migrationId,
      host: destination.host,
      at: dependencies.clock.now(),
    } as const;
    const stream = instanceStream(instance.instanceId);
    refuseToForget(stream, await handleCommand(dependencies, INSTANCE, stream, command, metadata));
  }
  return answerOf(step, adopted, { step });
}
