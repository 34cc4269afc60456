import type { ArtifactName } from '../domain/migration/rescue-artifacts.ts';
import type { SagaFacts } from '../domain/migration/saga-state.ts';
import type { UndoName } from '../domain/migration/saga-steps.ts';
import type { PresentInstance } from '../domain/instance/instance-state.ts';
import { mayResumeSource } from '../domain/migration/whereabouts.ts';
import { failed, succeeded, type Outcome } from '../domain/shared/outcome.ts';
import { planArtifacts } from '../domain/migration/rescue-artifacts.ts';
import { inquireGuest } from './inquire-guest.ts';
import { descriptionOf } from './migration-description.ts';
import type { HypervisorDriver, MigrationDescription } from './ports/hypervisor-driver.ts';
import { refuseStaleMigration } from './refuse-stale-migration.ts';
import type { SagaDependencies } from './saga-step-dependencies.ts';

type UndoContext = {
  readonly dependencies: SagaDependencies;
  readonly saga: SagaFacts;
  readonly instance: PresentInstance;
};

/** Takes one step back. Every undo may be repeated, and refuses rather than touch a guest that runs. */
export async function performSagaUndo(context: UndoContext, undo: UndoName): Promise<Outcome<null>> {
  const { dependencies, saga, instance } = context;
  const source = dependencies.hosts.driver(saga.source);
  const destination = saga.destination === null ? null : dependencies.hosts.driver(saga.destination);
  if (source === null || destination === null) {
    return failed('A compute service of this migration is not run by this process.');
  }
  const description = descriptionOf(saga, instance);
  if (undo === 'restoreSource') return restoreSource(source, destination, description);
  const stale = refuseStaleMigration(saga, instance, destination.host);
  if (stale !== null) return failed(stale);
  return undo === 'removeArtifacts'
    ? removeArtifacts(context, destination, description)
    : destination.clearDestination(description);
}

async function restoreSource(
  source: HypervisorDriver,
  destination: HypervisorDriver,
  description: MigrationDescription,
): Promise<Outcome<null>> {
  const found = await inquireGuest(source, destination, description.guest.instanceId);
  // The last guard of the invariant: a source that resumes beside a running destination makes two machines of one.
  if (!mayResumeSource(found.source, found.destination)) {
    return failed(`The guest may run on ${destination.host} (${found.destination}); ${source.host} is left as it is.`);
  }
  return source.restoreSource(description);
}

async function removeArtifacts(
  { dependencies, instance }: UndoContext,
  destination: HypervisorDriver,
  description: MigrationDescription,
): Promise<Outcome<null>> {
  const owned = await destination.ownsDirectory(description);
  if (owned.outcome !== 'succeeded') return owned;
  // A directory that both hosts have holds what the server runs from.
  if (!owned.value) return succeeded(null);
  const names: readonly ArtifactName[] = planArtifacts(instance.images, instance.rescue?.images ?? null).map(
    ({ name }) => name,
  );
  for (const name of names) {
    const removed = await dependencies.transfer.remove(destination.host, instance.instanceId, name);
    if (removed.outcome !== 'succeeded') return removed;
  }
  return succeeded(null);
}
