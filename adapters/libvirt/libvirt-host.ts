import type { GuestPresence } from '../../application/ports/hypervisor-driver.ts';
import type { InstanceId } from '../../domain/shared/ids.ts';
import { succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { isServerError, outcomeOf } from './call-outcome.ts';
import { DiskPool } from './disk-pool.ts';
import { ImageCache } from './image-cache.ts';
import { InstanceDirectory } from './instance-directory.ts';
import { LibvirtConnections } from './libvirt-connections.ts';
import { LONG_CALL_DEADLINE_MS, type LibvirtHostOptions } from './libvirt-host-options.ts';
import {
  DOMAIN_CREATE_WITH_FLAGS,
  DOMAIN_DEFINE_XML_FLAGS,
  DOMAIN_DESTROY_FLAGS,
  DOMAIN_GET_JOB_STATS,
  DOMAIN_GET_STATE,
  DOMAIN_GET_XML_DESC,
  DOMAIN_HAS_MANAGED_SAVE_IMAGE,
  DOMAIN_LOOKUP_BY_UUID,
  DOMAIN_MANAGED_SAVE_REMOVE,
  DOMAIN_RESUME,
  DOMAIN_UNDEFINE_FLAGS,
} from './rpc/procedures.ts';
import type { RemoteDomain } from './rpc/remote-objects.ts';

/** virDomainXMLFlags. */
export const XML_SECURE = 1;
export const XML_INACTIVE = 2;
export const XML_UPDATE_CPU = 4;
export const XML_MIGRATABLE = 8;
/**
 * virDomainUndefineFlagsValues: managed save, snapshot metadata, checkpoint metadata; the NVRAM file is kept. It lies in
 * the server's directory and goes with that, or stays for the guest that runs from the same directory on another host.
 */
const UNDEFINE_EVERYTHING = 1 | 2 | 8 | 16;

/** virDomainState. */
const STATE = { running: 1, blocked: 2, paused: 3, shuttingDown: 4, crashed: 6, suspended: 7 } as const;
/** virDomainPausedReason. */
const PAUSED_BY_OWNER = 1;
const PAUSED_FOR_MIGRATION: readonly number[] = [2, 11];
/** The source's side of post-copy, under way or broken: part of the memory is at the destination only. */
const PAUSED_POST_COPY: readonly number[] = [12, 13];
/** virDomainRunningReason; the destination's side of post-copy, under way or broken. */
const RUNNING_POST_COPY: readonly number[] = [10, 11];
/** virDomainShutoffReason. `unknown`: libvirt's daemon was started since. `failed`: it never ran, after Finish for one. */
const SHUTOFF = { unknown: 0, crashed: 3, failed: 6, daemon: 8 } as const;

/** For what libvirt answers from its own memory: sooner than keepalive finds that a daemon hangs. */
const QUESTION_DEADLINE_MS = 5000;
/** The only question here that libvirt passes on to the guest's emulator, which may hang. */
const JOB_STATS_DEADLINE_MS = 5000;

export type GuestState = { readonly state: number; readonly reason: number };

/** One host's libvirt, in the few words that the parts of the driver share. */
export class LibvirtHost {
  readonly options: LibvirtHostOptions;
  readonly connections: LibvirtConnections;
  readonly imageCache: ImageCache;

  constructor(options: LibvirtHostOptions) {
    this.options = options;
    this.connections = new LibvirtConnections(options);
    this.imageCache = new ImageCache(this.connections, options);
  }

  directory(instanceId: InstanceId): InstanceDirectory {
    return new InstanceDirectory(this.connections, this.options, instanceId);
  }

  /** Null where disks lie in the servers' directories. */
  diskPool(): DiskPool | null {
    const { disksPath = null } = this.options;
    return disksPath === null ? null : new DiskPool(this.connections, this.options, disksPath);
  }

  /** Null when libvirt knows no such guest. */
  async lookUp(instanceId: InstanceId): Promise<Outcome<RemoteDomain | null>> {
    const found = await this.connections.call(DOMAIN_LOOKUP_BY_UUID, { uuid: instanceId }, QUESTION_DEADLINE_MS);
    return isServerError(found, 'VIR_ERR_NO_DOMAIN') ? succeeded(null) : outcomeOf(found, `looking for ${instanceId}`);
  }

  async state(domain: RemoteDomain): Promise<Outcome<GuestState>> {
    return outcomeOf(
      await this.connections.call(DOMAIN_GET_STATE, { domain, flags: 0 }),
      `asking for the state of ${domain.name}`,
    );
  }

  async definition(domain: RemoteDomain, flags: number): Promise<Outcome<string>> {
    const answer = await this.connections.call(DOMAIN_GET_XML_DESC, { domain, flags });
    return outcomeOf(answer, `reading the definition of ${domain.name}`);
  }

  async define(definition: string): Promise<Outcome<RemoteDomain>> {
    const answer = await this.connections.call(DOMAIN_DEFINE_XML_FLAGS, { xml: definition, flags: 0 });
    return outcomeOf(answer, 'defining the guest');
  }

  /** Succeeds when it runs already. */
  async start(domain: RemoteDomain): Promise<Outcome<null>> {
    const args = { domain, flags: 0 };
    const answer = await this.connections.call(DOMAIN_CREATE_WITH_FLAGS, args, LONG_CALL_DEADLINE_MS);
    if (answer.outcome === 'succeeded') return succeeded(null);
    const presence = await this.presence(domain);
    const runs =
      presence.outcome === 'succeeded' && presence.value.presence === 'present' && presence.value.power === 'running';
    return runs ? succeeded(null) : outcomeOf({ ...answer }, `starting ${domain.name}`);
  }

  /** Pulls the plug. Succeeds when it was off. Memory that a suspend left on disk is lost, as with any plug. */
  async powerOff(domain: RemoteDomain): Promise<Outcome<null>> {
    const answer = await this.connections.call(DOMAIN_DESTROY_FLAGS, { domain, flags: 0 }, LONG_CALL_DEADLINE_MS);
    if (isServerError(answer, 'VIR_ERR_NO_DOMAIN')) return succeeded(null);
    if (isServerError(answer, 'VIR_ERR_OPERATION_INVALID')) return this.#forgetSavedMemory(domain);
    return outcomeOf(answer, `powering off ${domain.name}`);
  }

  async hasSavedMemory(domain: RemoteDomain): Promise<Outcome<boolean>> {
    const answer = await this.connections.call(DOMAIN_HAS_MANAGED_SAVE_IMAGE, { domain, flags: 0 });
    return outcomeOf(answer, `asking whether ${domain.name} is suspended`);
  }

  // Otherwise the next start would go on with it, whatever has been defined since.
  async #forgetSavedMemory(domain: RemoteDomain): Promise<Outcome<null>> {
    const saved = await this.hasSavedMemory(domain);
    if (saved.outcome !== 'succeeded') return saved;
    if (!saved.value) return succeeded(null);
    const answer = await this.connections.call(DOMAIN_MANAGED_SAVE_REMOVE, { domain, flags: 0 });
    return outcomeOf(answer, `forgetting the saved memory of ${domain.name}`);
  }

  /** Succeeds when it was not defined. */
  async undefine(domain: RemoteDomain): Promise<Outcome<null>> {
    const answer = await this.connections.call(DOMAIN_UNDEFINE_FLAGS, { domain, flags: UNDEFINE_EVERYTHING });
    return isServerError(answer, 'VIR_ERR_NO_DOMAIN')
      ? succeeded(null)
      : outcomeOf(answer, `undefining ${domain.name}`);
  }

  async resume(domain: RemoteDomain): Promise<Outcome<null>> {
    const answer = await this.connections.call(DOMAIN_RESUME, { domain }, LONG_CALL_DEADLINE_MS);
    return outcomeOf(answer, `resuming ${domain.name}`);
  }

  async presence(domain: RemoteDomain): Promise<Outcome<GuestPresence>> {
    const answer = await this.connections.call(DOMAIN_GET_STATE, { domain, flags: 0 }, QUESTION_DEADLINE_MS);
    if (isServerError(answer, 'VIR_ERR_NO_DOMAIN')) return succeeded({ presence: 'absent' });
    if (answer.outcome !== 'succeeded') return outcomeOf(answer, `asking for the state of ${domain.name}`);
    if (isRunningPostCopy(answer.value)) return succeeded({ presence: 'present', power: 'running', incoming: true });
    const waits = isPausedForMigration(answer.value) || isPausedPostCopy(answer.value);
    if (!waits) return succeeded(presenceOf(answer.value));
    const incoming = await this.#isIncoming(domain);
    if (incoming.outcome !== 'succeeded') return incoming;
    return succeeded({ presence: 'present', power: 'paused', incoming: incoming.value });
  }

  // The state is the same on both sides. libvirt tells a job's figures on the source only, where they may also be none.
  async #isIncoming(domain: RemoteDomain): Promise<Outcome<boolean>> {
    const figures = await this.connections.call(DOMAIN_GET_JOB_STATS, { domain, flags: 0 }, JOB_STATS_DEADLINE_MS);
    if (isServerError(figures, 'VIR_ERR_OPERATION_UNSUPPORTED')) return succeeded(true);
    if (figures.outcome === 'succeeded') return succeeded(false);
    return outcomeOf<boolean>(figures, `asking whether ${domain.name} leaves or arrives`);
  }
}

export function isRunning({ state }: GuestState): boolean {
  return state === STATE.running || state === STATE.blocked;
}

export function isPausedByOwner({ state, reason }: GuestState): boolean {
  return state === STATE.paused && reason === PAUSED_BY_OWNER;
}

/** Paused by libvirt on either side: before Finish at the destination, before Confirm at the source. */
export function isPausedForMigration({ state, reason }: GuestState): boolean {
  return state === STATE.paused && PAUSED_FOR_MIGRATION.includes(reason);
}

/** On the source: it can neither be resumed, nor removed before all of its memory has gone over. */
export function isPausedPostCopy({ state, reason }: GuestState): boolean {
  return state === STATE.paused && PAUSED_POST_COPY.includes(reason);
}

/** At the destination: it runs, and what it has not got yet is on the source. */
function isRunningPostCopy({ state, reason }: GuestState): boolean {
  return state === STATE.running && RUNNING_POST_COPY.includes(reason);
}

function presenceOf({ state, reason }: GuestState): GuestPresence {
  switch (state) {
    case STATE.running:
    case STATE.blocked:
    case STATE.shuttingDown:
      return { presence: 'present', power: 'running', incoming: false };
    case STATE.paused:
    case STATE.suspended:
      return { presence: 'present', power: 'paused', incoming: false };
    case STATE.crashed:
      return { presence: 'present', power: 'crashed', incoming: false };
    default:
      return { presence: 'present', power: powerOff(reason), incoming: false };
  }
}

function powerOff(reason: number): 'shutdown' | 'crashed' | 'neverStarted' | 'unexplained' {
  switch (reason) {
    case SHUTOFF.failed:
      return 'neverStarted';
    case SHUTOFF.unknown:
      return 'unexplained';
    case SHUTOFF.crashed:
    case SHUTOFF.daemon:
      return 'crashed';
    default:
      return 'shutdown';
  }
}
