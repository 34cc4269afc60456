import type { PresentInstance } from '../domain/instance/instance-state.ts';
import {
  planArtifacts,
  splitByNeed,
  type ArtifactTransfer as PlannedTransfer,
} from '../domain/migration/rescue-artifacts.ts';
import type { StagedArtifact } from '../domain/migration/saga-events.ts';
import { failed, succeeded, type Outcome } from '../domain/shared/outcome.ts';
import { abortableTransfer } from './abortable-transfer.ts';
import { CopiedBytes } from './copied-bytes.ts';
import { inquireMigration } from './inquire-migration.ts';
import type { ArtifactTransfer } from './ports/artifact-transfer.ts';
import type { CapturedDefinition, MigrationDescription, SourceFacts } from './ports/hypervisor-driver.ts';
import { answerOf, type HostPair, type StepAnswer, type StepContext } from './saga-step-context.ts';
import { readBackArtifacts, stageArtifacts, writeArtifacts } from './stage-artifacts.ts';

/** Nothing where both hosts have the same directory; its definition is written anew when the guest has arrived. */
export function planOf(
  { images, rescue }: PresentInstance,
  { files, sharedDirectory }: SourceFacts,
): readonly PlannedTransfer[] {
  return sharedDirectory ? [] : planArtifacts(images, rescue?.images ?? null, files);
}

/** Writes what the incoming guest cannot be started without. It is read back while that guest starts. */
export async function stage(
  context: StepContext,
  pair: HostPair,
  description: MigrationDescription,
): Promise<StepAnswer> {
  const { dependencies, instance, saga, facts: driven } = context;
  const step = 'stageArtifacts';
  const { images, progress } = dependencies;
  const begin = dependencies.clock.now();
  const facts = await driven.recall(pair.source, pair.destination, description);
  if (facts.outcome !== 'succeeded') return answerOf(step, facts);
  const hosts = placesOf(pair, description);
  const copied = new CopiedBytes(facts.value, (counters) => progress.report(saga.migrationId, counters));
  const { beforePrepare } = splitPlan(instance, facts.value);
  const staged = await writeArtifacts(
    { images, transfer: transferOf(context), instance, copied, ...hosts },
    beforePrepare,
  );
  if (staged.outcome !== 'succeeded') {
    progress.forget(saga.migrationId);
    return answerOf(step, staged);
  }
  driven.written = staged.value;
  const stagingMs = Date.parse(dependencies.clock.now()) - Date.parse(begin);
  return { outcome: 'succeeded', value: { step, artifacts: staged.value, stagingMs } };
}

const transferOf = ({ dependencies: { transfer, clock }, isAborted }: StepContext): ArtifactTransfer =>
  abortableTransfer(transfer, clock, isAborted);

const splitPlan = (instance: PresentInstance, facts: SourceFacts): ReturnType<typeof splitByNeed> =>
  splitByNeed(planOf(instance, facts), instance.rescue !== null, facts.files);

/** The copy begins when every file is known to be on the destination as it should be. */
export async function migrateGuest(
  context: StepContext,
  { source, destination }: HostPair,
  description: MigrationDescription,
): Promise<StepAnswer> {
  const { dependencies, saga, instance, recordPhase } = context;
  const { images } = dependencies;
  const facts = await context.facts.recall(source, destination, description);
  if (facts.outcome !== 'succeeded') return inquireMigration(context, facts.reason);
  const copied = new CopiedBytes(facts.value, (counters) => dependencies.progress.report(saga.migrationId, counters));
  const { beforePrepare, beforePerform } = splitPlan(instance, facts.value);
  copied.arrived(beforePrepare.map(({ name }) => name));
  const transfer = transferOf(context);
  const staging = { images, transfer, instance, copied, ...placesOf({ source, destination }, description) };
  const { written } = context.facts;
  // Whoever wrote them may have died before they were read back.
  const again = written === null ? await stageArtifacts(staging, beforePrepare) : succeeded([]);
  if (again.outcome !== 'succeeded') return inquireMigration(context, again.reason);
  const arriving: Promise<Outcome<readonly StagedArtifact[]>>[] = [];
  let hasAnswered = false;
  const answer = await source.migrateGuest(description, destination, facts.value, {
    phaseReached: async (phase) => {
      // What is asked of the hosts next would contradict whoever still drove the guest from one to the other.
      if (hasAnswered) throw new Error(`the driver has answered before ${phase}`);
      const [late = []] = phase === 'performing' ? (await Promise.all(arriving)).map(arrived) : [];
      await recordPhase(phase, late);
      // While the incoming guest is started, which takes half a second and leaves the network idle.
      if (phase === 'begun')
        arriving.push(stageArtifacts(staging, beforePerform), readBackArtifacts(staging, written ?? []));
    },
    progressed: (progress) => copied.driverSays(progress),
  });
  hasAnswered = true;
  // Whatever became of the guest: no file may still be on its way when the destination is cleared.
  await Promise.all(arriving);
  dependencies.progress.forget(saga.migrationId);
  if (answer.outcome === 'succeeded') {
    // libvirt has forgotten the disks by now; whoever still looks sees that all of them came.
    const figures = { ...answer.value, diskBytes: answer.value.diskBytes ?? copied.diskTotalBytes };
    return { outcome: 'succeeded', value: { step: 'migrateGuest', figures, learnedBy: 'reply' } };
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
