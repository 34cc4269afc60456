import type { PresentInstance } from '../domain/instance/instance-state.ts';
import { planArtifacts, splitByNeed, type ArtifactTransfer } from '../domain/migration/rescue-artifacts.ts';
import type { MigrationPhase, PreCheck, StagedArtifact, StepResult } from '../domain/migration/saga-events.ts';
import type { Forward } from '../domain/migration/saga-state.ts';
import type { StepName } from '../domain/migration/saga-steps.ts';
import { mayRemoveSource } from '../domain/migration/whereabouts.ts';
import { failed, type Outcome } from '../domain/shared/outcome.ts';
import { CopiedBytes } from './copied-bytes.ts';
import { INSTANCE, instanceStream } from './aggregates.ts';
import { handleCommand, refuseToForget } from './handle-command.ts';
import { inquireGuest } from './inquire-guest.ts';
import { descriptionOf } from './migration-description.ts';
import { refuseStaleMigration } from './refuse-stale-migration.ts';
import type { EventMetadata } from './ports/event-store.ts';
import type {
  CapturedDefinition,
  HypervisorDriver,
  MigrationDescription,
  SourceFacts,
} from './ports/hypervisor-driver.ts';
import { reclaimDestination } from './reclaim-destination.ts';
import type { SagaDependencies } from './saga-step-dependencies.ts';
import { selectDestination } from './select-destination.ts';
import type { DrivenFacts } from './source-facts.ts';
import { stageArtifacts } from './stage-artifacts.ts';

export type StepAnswer =
  | { readonly outcome: 'succeeded'; readonly value: StepResult }
  | { readonly outcome: 'failed'; readonly reason: string; readonly checks: readonly PreCheck[] }
  | { readonly outcome: 'unknown'; readonly reason: string };

export type StepContext = {
  readonly dependencies: SagaDependencies;
  readonly saga: Forward;
  readonly instance: PresentInstance;
  readonly metadata: EventMetadata;
  readonly facts: DrivenFacts;
  /** Throws when the phase could not be recorded. */
  readonly recordPhase: (phase: MigrationPhase, artifacts: readonly StagedArtifact[]) => Promise<void>;
};

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

type HostPair = { readonly source: HypervisorDriver; readonly destination: HypervisorDriver };

function hostPair({ dependencies, saga }: Pick<StepContext, 'dependencies' | 'saga'>): HostPair | null {
  const source = dependencies.hosts.driver(saga.source);
  const destination = saga.destination === null ? null : dependencies.hosts.driver(saga.destination);
  return source === null || destination === null ? null : { source, destination };
}

/** Nothing where both hosts have the same directory; its definition is written anew when the guest has arrived. */
function planOf(
  { images, rescue }: PresentInstance,
  { files, sharedDirectory }: SourceFacts,
): readonly ArtifactTransfer[] {
  return sharedDirectory ? [] : planArtifacts(images, rescue?.images ?? null, files);
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

async function stage(
  { dependencies, instance, saga, facts: driven }: StepContext,
  pair: HostPair,
  description: MigrationDescription,
): Promise<StepAnswer> {
  const step = 'stageArtifacts';
  const { images, transfer, progress } = dependencies;
  const begin = dependencies.clock.now();
  const facts = await driven.recall(pair.source, pair.destination, description);
  if (facts.outcome !== 'succeeded') return answerOf(step, facts);
  const hosts = placesOf(pair, description);
  const copied = new CopiedBytes(facts.value, (counters) => progress.report(saga.migrationId, counters));
  const { beforePrepare } = splitPlan(instance, facts.value);
  const staged = await stageArtifacts({ images, transfer, instance, copied, ...hosts }, beforePrepare);
  if (staged.outcome !== 'succeeded') {
    progress.forget(saga.migrationId);
    return answerOf(step, staged);
  }
  const stagingMs = Date.parse(dependencies.clock.now()) - Date.parse(begin);
  return { outcome: 'succeeded', value: { step, artifacts: staged.value, stagingMs } };
}

const splitPlan = (instance: PresentInstance, facts: SourceFacts): ReturnType<typeof splitByNeed> =>
  splitByNeed(planOf(instance, facts), instance.rescue !== null, facts.files);

async function migrateGuest(
  context: StepContext,
  { source, destination }: HostPair,
  description: MigrationDescription,
): Promise<StepAnswer> {
  const { dependencies, saga, instance, recordPhase } = context;
  const { images, transfer } = dependencies;
  const facts = await context.facts.recall(source, destination, description);
  if (facts.outcome !== 'succeeded') return inquireMigration(context, facts.reason);
  const copied = new CopiedBytes(facts.value, (counters) => dependencies.progress.report(saga.migrationId, counters));
  const { beforePrepare, beforePerform } = splitPlan(instance, facts.value);
  copied.arrived(beforePrepare.map(({ name }) => name));
  const hosts = placesOf({ source, destination }, description);
  const staging: Promise<Outcome<readonly StagedArtifact[]>>[] = [];
  const answer = await source.migrateGuest(description, destination, facts.value, {
    phaseReached: async (phase) => {
      await recordPhase(phase, phase === 'performing' ? (await Promise.all(staging)).flatMap(arrived) : []);
      // While the incoming guest is started, which takes half a second and leaves the network idle.
      if (phase === 'begun')
        staging.push(stageArtifacts({ images, transfer, instance, copied, ...hosts }, beforePerform));
    },
    progressed: (progress) => copied.driverSays(progress),
  });
  // Whatever became of the guest: no file may still be on its way when the destination is cleared.
  await Promise.all(staging);
  dependencies.progress.forget(saga.migrationId);
  if (answer.outcome === 'succeeded') {
    return { outcome: 'succeeded', value: { step: 'migrateGuest', figures: answer.value, learnedBy: 'reply' } };
  }
  // An error says nothing certain about where the guest is: both hosts are looked at before anything is believed.
  return inquireMigration(context, answer.reason);
}

/** Both hosts, and how the original definition reads on each. */
function placesOf({ source, destination }: HostPair, { guest, original }: MigrationDescription) {
  const drivers = { source, destination };
  return {
    source: source.host,
    destination: destination.host,
    originalOn: (host: keyof HostPair): Outcome<CapturedDefinition> =>
      original === null ? failed('the server is not rescued') : drivers[host].definitionHere(guest, original),
  };
}

/** Throws, which stops the driver before it copies anything, when a file did not arrive. */
function arrived(staged: Outcome<readonly StagedArtifact[]>): readonly StagedArtifact[] {
  if (staged.outcome !== 'succeeded') throw new Error(staged.reason);
  return staged.value;
}

/** What two looks tell about a migration that ended without a clear word. */
export async function inquireMigration(context: StepContext, reason: string): Promise<StepAnswer> {
  const pair = hostPair(context);
  if (pair === null) return { outcome: 'unknown', reason };
  const found = await inquireGuest(pair.source, pair.destination, context.instance.instanceId);
  const seen = `${pair.source.host}: ${found.source}, ${pair.destination.host}: ${found.destination}`;
  switch (found.whereabouts) {
    case 'onDestination': {
      const figures = { downtimeMs: null, transferMs: null, memoryBytes: null, diskBytes: null };
      return { outcome: 'succeeded', value: { step: 'migrateGuest', figures, learnedBy: 'inquiry' } };
    }
    case 'onSource':
      return { outcome: 'failed', reason, checks: [] };
    case 'undetermined':
      return { outcome: 'unknown', reason: `${reason} (${seen})` };
  }
}

/** The last guard of the invariant: a source copy goes only beside a guest that stands on the destination. */
async function confirmSource(
  { source, destination }: HostPair,
  description: MigrationDescription,
): Promise<Outcome<null>> {
  const found = await inquireGuest(source, destination, description.guest.instanceId);
  if (!mayRemoveSource(found.destination)) {
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

function answerOf(step: StepName, answer: Outcome<unknown>, result?: StepResult): StepAnswer {
  if (answer.outcome === 'succeeded') {
    if (result === undefined) throw new Error(`performSagaStep: ${step} succeeded without a result`);
    return { outcome: 'succeeded', value: result };
  }
  return answer.outcome === 'failed' ? { outcome: 'failed', reason: answer.reason, checks: [] } : answer;
}
