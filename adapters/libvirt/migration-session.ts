import type { TransferFigures } from '../../domain/migration/saga-events.ts';
import type { MigrationId } from '../../domain/shared/ids.ts';
import type { LiveMigrationSettings } from './live-migration-settings.ts';
import type { CallResult } from './rpc/call-result.ts';
import type { LibvirtConnection } from './rpc/libvirt-connection.ts';
import { CALL_DEADLINE_MS, LONG_CALL_DEADLINE_MS } from './libvirt-host-options.ts';
import {
  DOMAIN_MIGRATE_BEGIN3_PARAMS,
  DOMAIN_MIGRATE_CONFIRM3_PARAMS,
  DOMAIN_MIGRATE_FINISH3_PARAMS,
  DOMAIN_MIGRATE_PERFORM3_PARAMS,
  DOMAIN_MIGRATE_PREPARE3_PARAMS,
} from './rpc/procedures.ts';
import type { RemoteDomain } from './rpc/remote-objects.ts';
import type { TypedParameter } from './rpc/typed-parameter.ts';

/** virDomainMigrateFlags. */
const FLAG = {
  live: 1,
  persistDestination: 8,
  undefineSource: 16,
  paused: 32,
  nonSharedDisk: 64,
  nonSharedIncremental: 128,
  changeProtection: 256,
  unsafe: 512,
  autoConverge: 8192,
  postCopy: 32_768,
} as const;

const BASE_FLAGS = FLAG.live | FLAG.persistDestination | FLAG.undefineSource | FLAG.changeProtection;

const NO_COOKIE = Buffer.alloc(0);

/** The sessions that still hold a Confirm, by migration. Lost with the process; then the hosts are asked instead. */
export type MigrationSessions = Map<MigrationId, MigrationSession>;

export type MigrationPlan = {
  readonly domain: RemoteDomain;
  /** The guest's definitions as they have to read at the destination: the running one, and the one it starts with next. */
  readonly definition: string;
  readonly persistentDefinition: string;
  /** Where the destination takes memory and disks, as the source reaches it. */
  readonly migrationAddress: string;
  /** Target names of the disks to copy; none means that nothing is copied (never "all", nova.md O). */
  readonly disksToCopy: readonly string[];
  /** Some are layered on an image that the destination has too: of every disk only its own layer is copied. */
  readonly layered: boolean;
  /**
   * libvirt knows shared storage by the type of the file system only, and calls every other one unsafe; that both hosts
   * have the same has been seen.
   */
  readonly sharedStorage: boolean;
  /** A guest that its owner has paused stays paused. */
  readonly paused: boolean;
  readonly settings: Pick<LiveMigrationSettings, 'autoConverge' | 'postCopy' | 'bandwidthMiBps'>;
  /** For Perform, and with post-copy for Finish too, which then waits for the memory; the guest's size decides. */
  readonly transferDeadlineMs: number;
};

/**
 * libvirt's five phases, driven by this side (direct migration): source and destination each on a connection of their
 * own, so that what was begun ends with the connection if this process dies. Whoever holds this object holds Confirm.
 * Order and parameters: virDomainMigrateVersion3Full in libvirt's source.
 */
export class MigrationSession {
  readonly #source: LibvirtConnection;
  readonly #destination: LibvirtConnection;
  readonly #plan: MigrationPlan;
  readonly #flags: number;
  #cookie: Uint8Array = NO_COOKIE;
  #parameters: readonly TypedParameter[];
  #isPrepared = false;
  #isFinishSent = false;
  #hasArrived = false;

  constructor(source: LibvirtConnection, destination: LibvirtConnection, plan: MigrationPlan) {
    this.#source = source;
    this.#destination = destination;
    this.#plan = plan;
    this.#flags = flagsOf(plan);
    this.#parameters = [...plan.disksToCopy.map((device) => text('migrate_disks', device)), ...bandwidth(plan)];
  }

  /** The destination has said that it runs the guest; without that word Confirm would take the only copy away. */
  get hasArrived(): boolean {
    return this.#hasArrived;
  }

  /** The source's daemon is gone, or was: what it does when it comes back is not all that it would have done. */
  get sourceIsLost(): boolean {
    return !this.#source.isOpen;
  }

  /** Told once when the destination's daemon can no longer be asked to finish; returns what stops listening. */
  onDestinationLost(lost: (reason: string) => void): () => void {
    return this.#destination.onClosed(lost);
  }

  async begin(): Promise<CallResult<null>> {
    const { domain, definition, persistentDefinition } = this.#plan;
    this.#parameters = [...this.#parameters, text('persistent_xml', persistentDefinition)];
    const params = [...this.#parameters, text('destination_xml', definition)];
    const args = { domain, params, flags: this.#flags };
    const begun = await this.#source.call(DOMAIN_MIGRATE_BEGIN3_PARAMS, args, { deadlineMs: LONG_CALL_DEADLINE_MS });
    if (begun.outcome !== 'succeeded') return begun;
    this.#cookie = begun.value.cookieOut;
    this.#parameters = [...this.#parameters, text('destination_xml', begun.value.xml)];
    return { outcome: 'succeeded', value: null };
  }

  async prepare(): Promise<CallResult<null>> {
    const address = this.#plan.migrationAddress;
    const uri = text('migrate_uri', `tcp://${address.includes(':') ? `[${address}]` : address}`);
    const params = [...this.#parameters, uri, text('listen_address', address)];
    const args = { params, cookieIn: this.#cookie, flags: this.#flags };
    const prepared = await this.#destination.call(DOMAIN_MIGRATE_PREPARE3_PARAMS, args, {
      deadlineMs: LONG_CALL_DEADLINE_MS,
    });
    if (prepared.outcome !== 'succeeded') return prepared;
    this.#cookie = prepared.value.cookieOut;
    this.#isPrepared = true;
    const { uriOut } = prepared.value;
    this.#parameters = [...this.#parameters, uriOut === null ? uri : text('migrate_uri', uriOut)];
    return { outcome: 'succeeded', value: null };
  }

  /** The copy. When it has ended the guest stands still until `finish`: nothing may come between the two. */
  async perform(): Promise<CallResult<null>> {
    const { domain, transferDeadlineMs } = this.#plan;
    const args = {
      domain,
      destinationConnectionUri: null,
      params: this.#parameters,
      cookieIn: this.#cookie,
      flags: this.#flags,
    };
    const performed = await this.#source.call(DOMAIN_MIGRATE_PERFORM3_PARAMS, args, { deadlineMs: transferDeadlineMs });
    if (performed.outcome !== 'succeeded') return performed;
    this.#cookie = performed.value.cookieOut;
    return { outcome: 'succeeded', value: null };
  }

  /** Starts the guest on the destination. */
  async finish(): Promise<CallResult<RemoteDomain>> {
    this.#isFinishSent = true;
    const { settings, transferDeadlineMs } = this.#plan;
    const deadlineMs = settings.postCopy ? transferDeadlineMs : LONG_CALL_DEADLINE_MS;
    const finished = await this.#finish({ cancelled: false, deadlineMs });
    if (finished.outcome !== 'succeeded') return finished;
    this.#cookie = finished.value.cookieOut;
    this.#hasArrived = true;
    return { outcome: 'succeeded', value: finished.value.domain };
  }

  /**
   * After any end but arrival: takes an incoming guest away, by Finish while it has not been asked for, and in any case
   * with the connection. From then on what the destination says of the guest is definite.
   */
  async abandonDestination(): Promise<void> {
    if (this.#isPrepared && !this.#isFinishSent) await this.#finish({ cancelled: true, deadlineMs: CALL_DEADLINE_MS });
    await this.#destination.close();
  }

  /** The source copy goes. Throws unless the destination has said that it runs the guest. */
  confirm(): Promise<CallResult<null>> {
    if (!this.#hasArrived) throw new Error('MigrationSession: Confirm without an answered Finish');
    return this.#confirm(false, this.#cookie);
  }

  /** The source copy runs on. Throws once the destination has said that it runs the guest. */
  cancel(): Promise<CallResult<null>> {
    if (this.#hasArrived) throw new Error('MigrationSession: the guest has arrived and cannot run on both hosts');
    // The source's own word, which is the newest until Finish has answered, would be taken for a migration to itself.
    return this.#confirm(true, NO_COOKIE);
  }

  /** Ends a Perform that nobody waits for any longer: what becomes of the copy is unknown then. */
  giveUp(reason: string): void {
    this.#source.destroy(reason);
  }

  async close(): Promise<void> {
    await Promise.all([this.#source.close(), this.#destination.close()]);
  }

  #finish({ cancelled, deadlineMs }: { readonly cancelled: boolean; readonly deadlineMs: number }) {
    const args = {
      params: [text('destination_name', this.#plan.domain.name)],
      cookieIn: this.#cookie,
      flags: this.#flags,
      cancelled,
    };
    return this.#destination.call(DOMAIN_MIGRATE_FINISH3_PARAMS, args, { deadlineMs });
  }

  #confirm(cancelled: boolean, cookieIn: Uint8Array): Promise<CallResult<null>> {
    const { domain } = this.#plan;
    const args = { domain, params: [], cookieIn, flags: this.#flags, cancelled };
    return this.#source.call(DOMAIN_MIGRATE_CONFIRM3_PARAMS, args, { deadlineMs: LONG_CALL_DEADLINE_MS });
  }
}

function flagsOf({ disksToCopy, layered, sharedStorage, paused, settings }: MigrationPlan): number {
  return (
    BASE_FLAGS |
    (disksToCopy.length > 0 ? (layered ? FLAG.nonSharedIncremental : FLAG.nonSharedDisk) : 0) |
    (sharedStorage ? FLAG.unsafe : 0) |
    (paused ? FLAG.paused : 0) |
    (settings.autoConverge ? FLAG.autoConverge : 0) |
    (settings.postCopy ? FLAG.postCopy : 0)
  );
}

function bandwidth({ settings: { bandwidthMiBps } }: MigrationPlan): readonly TypedParameter[] {
  return bandwidthMiBps === 0 ? [] : [{ field: 'bandwidth', type: 'ullong', value: BigInt(bandwidthMiBps) }];
}

function text(field: string, value: string): TypedParameter {
  return { field, type: 'string', value };
}

/**
 * The figures of a completed job (virDomainGetJobStats); what libvirt did not say is null. Only the destination keeps
 * them, and it knows of no disks: those are copied by the source, and told here as zero of zero.
 */
export function figuresOf(parameters: readonly TypedParameter[]): TransferFigures {
  const number = (field: string): number | null => {
    const found = parameters.find((parameter) => parameter.field === field);
    return found === undefined || typeof found.value === 'string' || typeof found.value === 'boolean'
      ? null
      : Number(found.value);
  };
  return {
    downtimeMs: number('downtime'),
    transferMs: number('time_elapsed'),
    memoryBytes: number('memory_processed'),
    diskBytes: number('disk_total') === 0 ? null : number('disk_processed'),
  };
}
