import { StoreUnavailable } from '../../../application/ports/event-store.ts';
import type { RequestContext } from '../../../application/request-context.ts';
import {
  projectId,
  requestId,
  userId,
  type HostName,
  type InstanceId,
  type MigrationId,
} from '../../../domain/shared/ids.ts';
import { CHAOS_FLAVOR, CHAOS_IMAGES } from './chaos-images.ts';
import type { ChaosProcess } from './chaos-process.ts';
import type { ChaosWorld } from './chaos-world.ts';

const NEWEST = { major: 2, minor: 105 };
/** A client asks no longer than this, whatever becomes of the process. */
const PATIENCE_MS = 60_000;
const RECONNECT_MS = 200;
const UNLOCK_AFTER_MS = 500;

const ANSWERED = 'answered';

type Caller = 'owner' | 'admin';

/** What owners and operators ask for; an answer that never comes is no answer. */
export class Requests {
  readonly #world: ChaosWorld;
  #underWay = 0;

  constructor(world: ChaosWorld) {
    this.#world = world;
  }

  /** Requests whose clients still wait. */
  get underWay(): number {
    return this.#underWay;
  }

  async create(): Promise<void> {
    const wanted = { name: 'server', flavorId: CHAOS_FLAVOR.id, requestedHost: null, metadata: {} };
    await this.#ask(({ computeApi }, context) =>
      computeApi.createServer(context, { ...wanted, imageId: CHAOS_IMAGES.stock }),
    );
  }

  async rescue(caller: Caller = 'admin'): Promise<void> {
    await this.#askAbout((process, context, id) => process.computeApi.rescue(context, id, CHAOS_IMAGES.rescue), caller);
  }

  async unrescue(caller: Caller = 'admin'): Promise<void> {
    await this.#askAbout(({ computeApi }, context, id) => computeApi.unrescue(context, id), caller);
  }

  async migrate(): Promise<void> {
    const wanted = { microversion: NEWEST, requestedHost: null, blockMigration: 'auto', force: false } as const;
    await this.#askAbout(({ computeApi }, context, id) => computeApi.liveMigrate(context, id, wanted));
  }

  async delete(caller: Caller = 'admin'): Promise<void> {
    await this.#askAbout(({ computeApi }, context, id) => computeApi.deleteServer(context, id), caller);
  }

  /** Every reboot is a hard one. */
  async power(action: 'start' | 'stop' | 'reboot', caller: Caller = 'admin'): Promise<void> {
    const type = action === 'reboot' ? 'HARD' : null;
    await this.#askAbout(({ computeApi }, context, id) => computeApi.runPowerAction(context, id, action, type), caller);
  }

  async resetState(vmState: 'active' | 'error'): Promise<void> {
    await this.#askAbout(({ computeApi }, context, id) => computeApi.resetState(context, id, vmState));
  }

  async letRescueTimeOut(): Promise<void> {
    await this.#ask((process) => process.unrescueOverdue());
  }

  async lockForAMoment(): Promise<void> {
    await this.#askAbout(({ computeApi }, context, id) => computeApi.lock(context, id, 'hands off'), 'owner');
    await this.#world.clock.sleep(UNLOCK_AFTER_MS);
    await this.#askAbout(({ computeApi }, context, id) => computeApi.unlock(context, id), 'owner');
  }

  async disable(host: HostName): Promise<void> {
    const command = { type: 'DisableComputeService', disabledReason: 'maintenance' } as const;
    await this.#ask(({ computeApi }, context) => computeApi.changeComputeService(context, host, command));
  }

  async forceDown(host: HostName, forcedDown: boolean): Promise<void> {
    const command = { type: 'ForceDown', forcedDown } as const;
    await this.#ask(({ computeApi }, context) => computeApi.changeComputeService(context, host, command));
  }

  /** Undoes what an operator did to the compute services meanwhile. */
  async openHosts(hosts: readonly HostName[]): Promise<void> {
    for (const host of hosts) {
      const enable = { type: 'EnableComputeService' } as const;
      await this.#ask(({ computeApi }, context) => computeApi.changeComputeService(context, host, enable));
      await this.forceDown(host, false);
    }
  }

  /** After having looked: a migration that waits for an operator may be tried again. */
  async retry(migrationId: MigrationId): Promise<void> {
    await this.#ask((process, context) => process.retry(migrationId, context));
  }

  /** On the newest migration, whatever its state. */
  async pull(lever: 'abort' | 'forceComplete'): Promise<void> {
    await this.#askAbout(({ computeApi, views }, context, instanceId) => {
      const migration = String(views.migrations.ofInstance(instanceId).at(-1)?.number);
      return computeApi.liveMigrations[lever](context, { instanceId, migration, microversion: NEWEST });
    });
  }

  async #askAbout(
    ask: (process: ChaosProcess, context: RequestContext, id: InstanceId) => Promise<unknown>,
    caller: Caller = 'admin',
  ): Promise<void> {
    const id = this.#world.instanceId;
    if (id !== null) await this.#ask((process, context) => ask(process, context, id), caller);
  }

  async #ask(
    ask: (process: ChaosProcess, context: RequestContext) => Promise<unknown>,
    caller: Caller = 'admin',
  ): Promise<void> {
    this.#underWay += 1;
    const { clock } = this.#world;
    const patience = new AbortController();
    try {
      const process = await this.#connected();
      if (process === null) return;
      const answered = ask(process, this.#context(caller)).catch((error: unknown) => {
        if (!(error instanceof StoreUnavailable)) process.bugs.push(error);
      });
      await Promise.race([answered, clock.sleep(PATIENCE_MS, AbortSignal.any([patience.signal, process.ended]))]);
    } finally {
      // A reason of its own: making the usual one costs more than the request.
      patience.abort(ANSWERED);
      this.#underWay -= 1;
    }
  }

  /** The process that serves, or null when there is none for too long. */
  async #connected(): Promise<ChaosProcess | null> {
    for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += RECONNECT_MS) {
      const { process } = this.#world;
      if (process !== null) return process;
      await this.#world.clock.sleep(RECONNECT_MS);
    }
    return null;
  }

  #context(caller: Caller): RequestContext {
    return {
      requestId: requestId(`req-${this.#world.newId()}`),
      userId: userId(caller),
      projectId: projectId('project'),
      roles: [caller === 'owner' ? 'member' : 'admin'],
      isAdmin: caller === 'admin',
    };
  }
}
