import type { EffectOutcome } from '../domain/instance/instance-commands.ts';
import type { PresentInstance } from '../domain/instance/instance-state.ts';
import { nextInstanceEffect, type InstanceEffect } from '../domain/instance/next-instance-effect.ts';
import { chooseHosts, NO_VALID_HOST, withReasons } from '../domain/scheduling/choose-host.ts';
import type { HostName, InstanceId, Instant } from '../domain/shared/ids.ts';
import { failed, succeeded, type Outcome } from '../domain/shared/outcome.ts';
import { INSTANCE, instanceStream } from './aggregates.ts';
import type { ComputeHosts } from './compute-hosts.ts';
import { handleCommand, loadAggregate, refuseToForget } from './handle-command.ts';
import { candidatesOf } from './candidates.ts';
import { performMove } from './perform-move.ts';
import { inTurn } from './in-turn.ts';
import type { Clock } from './ports/clock.ts';
import type { EventMetadata, EventStore } from './ports/event-store.ts';
import type { ConfigDriveFacts, GuestDescription, HypervisorDriver } from './ports/hypervisor-driver.ts';
import type { IdSource } from './ports/id-source.ts';
import type { Views } from './views/views.ts';
import type { WorkLease } from './work-lease.ts';

/** Effects one wake-up may lead to: schedule and spawn, or capture and rescue, and a delete behind them. */
export const EFFECTS_MAX = 8;
/** How often an effect whose outcome nobody knows is asked for again; every driver method may be repeated. */
export const UNKNOWN_RETRIES_MAX = 3;
/** The same while the host itself cannot be reached: about half a minute, in which its daemon may be restarted. */
export const UNREACHABLE_RETRIES_MAX = 6;
export const RETRY_DELAY_MS = 500;

export type InstanceRunnerDependencies = {
  readonly eventStore: EventStore;
  readonly ids: IdSource;
  readonly clock: Clock;
  readonly views: Views;
  readonly hosts: ComputeHosts;
  readonly lease: WorkLease;
};

/** Does for a server whatever its history asks for next, until nothing is left to do. Woken by the subscription. */
export async function advanceInstance(
  dependencies: InstanceRunnerDependencies,
  id: InstanceId,
  metadata: EventMetadata,
): Promise<void> {
  const stream = instanceStream(id);
  for (let effects = 0; effects < EFFECTS_MAX; effects += 1) {
    const { state } = await loadAggregate(dependencies.eventStore, INSTANCE, stream);
    const effect = nextInstanceEffect(state);
    if (effect === null || state.existence !== 'present') return;
    const performAndRecord = async (): Promise<boolean> => {
      const effectOutcome = await perform(dependencies, state, effect);
      if (effectOutcome === null) return false;
      const command = { type: 'RecordEffectOutcome', effectOutcome, at: dependencies.clock.now() } as const;
      const answer = await handleCommand(dependencies, INSTANCE, stream, command, metadata);
      refuseToForget(stream, answer);
      // The next choice of a host must see this one: members of one group come at the same moment.
      if (effect.effect === 'schedule' && answer.accepted) await dependencies.views.reached(answer.position);
      return true;
    };
    const schedules = effect.effect === 'schedule';
    if (!(await (schedules ? inTurn(dependencies.views, performAndRecord) : performAndRecord()))) return;
  }
}

/**
 * Whether this process is the one to carry it out: only the one that serves the host changes what is on it, and only one
 * chooses hosts and looks after servers that are on none.
 */
export function isMine(
  { hosts, lease }: Pick<InstanceRunnerDependencies, 'hosts' | 'lease'>,
  effect: InstanceEffect,
): boolean {
  const host = effect.effect === 'schedule' ? null : effect.host;
  return host === null ? lease.schedules : hosts.serves(host);
}

/** Null: it is not this process's business. */
async function perform(
  dependencies: InstanceRunnerDependencies,
  instance: PresentInstance,
  effect: InstanceEffect,
): Promise<EffectOutcome | null> {
  if (!isMine(dependencies, effect)) return null;
  await dependencies.lease.confirm();
  if (effect.effect === 'schedule') return schedule(dependencies, instance);
  if (effect.effect === 'unshelve' && effect.host === null) return nobodyTakesIt(effect.effect);
  if (effect.host === null) return discard(dependencies.hosts, instance);
  const driver = dependencies.hosts.driver(effect.host);
  if (driver === null) return null;
  for (let retries = 0; ; retries += 1) {
    const place = { driver, hosts: dependencies.hosts, at: dependencies.clock.now() };
    const answer = await onHost(place, instance, effect);
    if (answer.outcome === 'succeeded') return answer.value;
    const guestAffected = 'guestAffected' in answer ? answer.guestAffected : true;
    // What is said while the host cannot be reached is no answer: the effect may have been half done before.
    const isReachable = (await driver.ping()).outcome === 'succeeded';
    const retriesMax = isReachable ? UNKNOWN_RETRIES_MAX : UNREACHABLE_RETRIES_MAX;
    if ((answer.outcome === 'failed' && isReachable) || retries >= retriesMax) {
      return { effect: effect.effect, outcome: 'failed', reason: answer.reason, guestAffected };
    }
    await dependencies.clock.sleep(RETRY_DELAY_MS * 2 ** retries);
    await dependencies.lease.confirm();
  }
}

function schedule({ views, hosts }: InstanceRunnerDependencies, instance: PresentInstance): EffectOutcome {
  const choice = chooseHosts(candidatesOf(views, hosts, instance), instance.flavor, instance.requestedHost, []);
  const [host] = choice.hosts;
  if (host !== undefined) return { effect: 'schedule', outcome: 'succeeded', host };
  const reason = withReasons(NO_VALID_HOST, choice.refused);
  return { effect: 'schedule', outcome: 'failed', reason, guestAffected: false };
}

const nobodyTakesIt = (effect: 'unshelve'): EffectOutcome => ({
  effect,
  outcome: 'failed',
  reason: NO_VALID_HOST,
  guestAffected: false,
});

/** Of a server that is on no host nothing stands but, perhaps, the image that its disk has become. */
async function discard(hosts: ComputeHosts, { shelved }: PresentInstance): Promise<EffectOutcome> {
  const keeper = shelved === null ? undefined : hosts.reachable().find(({ snapshots }) => snapshots !== null);
  if (shelved !== null) await keeper?.snapshots?.discardSnapshot(shelved.imageId);
  return { effect: 'destroy', outcome: 'succeeded' };
}

type EffectAnswer =
  | { readonly outcome: 'succeeded'; readonly value: EffectOutcome }
  | { readonly outcome: 'failed' | 'unknown'; readonly reason: string; readonly guestAffected?: boolean };

async function onHost(
  place: { readonly driver: HypervisorDriver; readonly hosts: ComputeHosts; readonly at: Instant },
  instance: PresentInstance,
  effect: Exclude<InstanceEffect, { effect: 'schedule' }>,
): Promise<EffectAnswer> {
  const { driver } = place;
  const { instanceId } = instance;
  switch (effect.effect) {
    case 'spawn':
      return done(effect.effect, await driver.spawn(guestOf(instance)));
    case 'power':
      return done(effect.effect, await runPowerAction(driver, instanceId, effect));
    case 'captureDefinition': {
      const answer = await driver.captureDefinition(instanceId);
      return answer.outcome === 'succeeded'
        ? { outcome: 'succeeded', value: { effect: 'captureDefinition', outcome: 'succeeded', original: answer.value } }
        : answer;
    }
    case 'rescue':
      return done(effect.effect, await driver.rescue(guestOf(instance), effect.images, effect.original));
    case 'unrescue': {
      // Recorded on the host where the rescue began, which may have been another one.
      const original = driver.definitionHere(guestOf(instance), effect.original);
      if (original.outcome !== 'succeeded') return original;
      return done(effect.effect, await driver.unrescue(instanceId, original.value));
    }
    case 'rebuild':
      return done(effect.effect, await rebuild(driver, guestOf(instance), effect.stopAfter));
    case 'resize':
    case 'revertResize': {
      const guest = { ...guestOf(instance), flavor: effect.flavor };
      return done(effect.effect, await driver.resize(guest, effect.start));
    }
    case 'coldMigrate':
    case 'confirmResize':
    case 'revertColdMigration':
    case 'shelve':
    case 'unshelve':
    case 'snapshot':
      return done(effect.effect, await performMove(place, instance, guestOf(instance), effect));
    case 'destroy':
      return done(effect.effect, await destroy(place, instanceId, effect.alsoOn));
  }
}

type Untold = Exclude<InstanceEffect['effect'], 'schedule' | 'captureDefinition'>;

function done(
  effect: Untold,
  answer:
    | Outcome<null>
    | { readonly outcome: 'failed' | 'unknown'; readonly reason: string; readonly guestAffected: boolean },
): EffectAnswer {
  return answer.outcome === 'succeeded' ? { outcome: 'succeeded', value: { effect, outcome: 'succeeded' } } : answer;
}

async function destroy(
  { driver, hosts }: { readonly driver: HypervisorDriver; readonly hosts: ComputeHosts },
  id: InstanceId,
  alsoOn: HostName | null,
): Promise<Outcome<null>> {
  const other = alsoOn === null ? null : hosts.driver(alsoOn);
  if (alsoOn !== null && other === null) return failed(`${alsoOn} cannot be reached by this process.`);
  const gone = other === null ? succeeded(null) : await other.destroy(id);
  return gone.outcome === 'succeeded' ? driver.destroy(id) : gone;
}

/** Repeated as a whole after a crash: the disks are new in any case. */
async function rebuild(driver: HypervisorDriver, guest: GuestDescription, stopAfter: boolean): Promise<Outcome<null>> {
  const destroyed = await driver.destroy(guest.instanceId);
  if (destroyed.outcome !== 'succeeded') return destroyed;
  const spawned = await driver.spawn(guest);
  return spawned.outcome === 'succeeded' && stopAfter ? driver.stop(guest.instanceId) : spawned;
}

function runPowerAction(
  driver: HypervisorDriver,
  id: InstanceId,
  { action, rebootType }: Extract<InstanceEffect, { effect: 'power' }>,
): Promise<Outcome<null>> {
  if (action !== 'reboot') return driver[action](id);
  return rebootType === null ? Promise.resolve(failed('reboot without a type')) : driver.reboot(id, rebootType);
}

/** What the driver is told of a server. */
export function guestOf(instance: GuestFacts): GuestDescription {
  const { instanceId, name, flavor, images, networkInterfaces, options } = instance;
  const guest = { instanceId, name, flavor, images, networkInterfaces };
  return options.configDrive === true ? { ...guest, configDrive: configDriveOf(instance) } : guest;
}

type GuestFacts = Pick<
  PresentInstance,
  | 'instanceId'
  | 'name'
  | 'flavor'
  | 'images'
  | 'networkInterfaces'
  | 'options'
  | 'details'
  | 'metadata'
  | 'owner'
  | 'userData'
>;

function configDriveOf({ name, details, metadata, owner, options, userData }: GuestFacts): ConfigDriveFacts {
  const { launchIndex, availabilityZone } = options;
  const hostname = details.hostname ?? name;
  return { hostname, metadata, projectId: owner.projectId, launchIndex, availabilityZone, userData };
}
