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
import type { FaultKind } from './fault-kinds.ts';

const NEWEST = { major: 2, minor: 105 };
/** A client asks no longer than this, whatever becomes of the process. */
const PATIENCE_MS = 60_000;
const RECONNECT_MS = 200;
const UNLOCK_AFTER_MS = 500;

type Pair = { readonly source: HostName; readonly destination: HostName };

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

  async rescue(asOwner = false): Promise<void> {
    await this.#askAbout(({ computeApi }, context, id) => computeApi.rescue(context, id, CHAOS_IMAGES.rescue), asOwner);
  }

  async unrescue(asOwner = false): Promise<void> {
    await this.#askAbout(({ computeApi }, context, id) => computeApi.unrescue(context, id), asOwner);
  }

  async migrate(): Promise<void> {
    const wanted = { microversion: NEWEST, requestedHost: null, blockMigration: 'auto', force: false } as const;
    await this.#askAbout(({ computeApi }, context, id) => computeApi.liveMigrate(context, id, wanted));
  }

  async delete(asOwner = false): Promise<void> {
    await this.#askAbout(({ computeApi }, context, id) => computeApi.deleteServer(context, id), asOwner);
  }

  async start(): Promise<void> {
    await this.#askAbout(({ computeApi }, context, id) => computeApi.runPowerAction(context, id, 'start', null));
  }

  async reboot(): Promise<void> {
    await this.#askAbout(({ computeApi }, context, id) => computeApi.runPowerAction(context, id, 'reboot', 'HARD'));
  }

  /** Undoes what an operator did to the compute services meanwhile. */
  async openHosts(hosts: readonly HostName[]): Promise<void> {
    for (const host of hosts) {
      await this.#ask(({ computeApi }, context) =>
        computeApi.changeComputeService(context, host, { type: 'EnableComputeService' }),
      );
      await this.#ask(({ computeApi }, context) =>
        computeApi.changeComputeService(context, host, { type: 'ForceDown', forcedDown: false }),
      );
    }
  }

  /** What somebody asks for while a stage is going on. */
  async meanwhile(kind: FaultKind, { source, destination }: Pair): Promise<void> {
    switch (kind) {
      case 'ownerDeletes':
        return this.delete(true);
      case 'ownerStops':
        await this.#askAbout(
          ({ computeApi }, context, id) => computeApi.runPowerAction(context, id, 'stop', null),
          true,
        );
        return;
      case 'ownerLocks':
        await this.#askAbout(({ computeApi }, context, id) => computeApi.lock(context, id, 'hands off'), true);
        await this.#world.clock.sleep(UNLOCK_AFTER_MS);
        await this.#askAbout(({ computeApi }, context, id) => computeApi.unlock(context, id), true);
        return;
      case 'ownerRescues':
        return this.rescue(true);
      case 'ownerUnrescues':
        return this.unrescue(true);
      case 'operatorMigratesToo':
        return this.migrate();
      case 'operatorAborts':
        return this.#pull('abort');
      case 'operatorForcesCompletion':
        return this.#pull('forceComplete');
      case 'operatorResetsToActive':
        await this.#askAbout(({ computeApi }, context, id) => computeApi.resetState(context, id, 'active'));
        return;
      case 'operatorResetsToError':
        await this.#askAbout(({ computeApi }, context, id) => computeApi.resetState(context, id, 'error'));
        return;
      case 'operatorReboots':
        return this.reboot();
      case 'operatorDisablesDestination':
        await this.#ask(({ computeApi }, context) =>
          computeApi.changeComputeService(context, destination, {
            type: 'DisableComputeService',
            disabledReason: 'maintenance',
          }),
        );
        return;
      case 'operatorForcesSourceDown':
        return this.#forceDown(source);
      case 'operatorForcesDestinationDown':
        return this.#forceDown(destination);
      default:
        throw new Error(`Requests.meanwhile: ${kind} is nothing anybody asks for`);
    }
  }

  /** After having looked: a migration that waits for an operator may be tried again. */
  async retry(migrationId: MigrationId): Promise<void> {
    await this.#ask((process, context) => process.retry(migrationId, context));
  }

  /** On the newest migration, whatever its state. */
  async #pull(lever: 'abort' | 'forceComplete'): Promise<void> {
    await this.#askAbout(({ liveMigrationApi, views }, context, instanceId) => {
      const migration = String(views.migrations.ofInstance(instanceId).at(-1)?.number);
      return liveMigrationApi[lever](context, { instanceId, migration, microversion: NEWEST });
    });
  }

  async #forceDown(host: HostName): Promise<void> {
    await this.#ask(({ computeApi }, context) =>
      computeApi.changeComputeService(context, host, { type: 'ForceDown', forcedDown: true }),
    );
  }

  async #askAbout(
    ask: (process: ChaosProcess, context: RequestContext, id: InstanceId) => Promise<unknown>,
    asOwner = false,
  ): Promise<void> {
    const id = this.#world.instanceId;
    if (id !== null) await this.#ask((process, context) => ask(process, context, id), asOwner);
  }

  async #ask(
    ask: (process: ChaosProcess, context: RequestContext) => Promise<unknown>,
    asOwner = false,
  ): Promise<void> {
    this.#underWay += 1;
    const { clock } = this.#world;
    const patience = new AbortController();
    try {
      const process = await this.#connected();
      if (process === null) return;
      const answered = ask(process, this.#context(asOwner)).catch((error: unknown) => {
        if (!(error instanceof StoreUnavailable)) process.bugs.push(error);
      });
      await Promise.race([answered, clock.sleep(PATIENCE_MS, AbortSignal.any([patience.signal, process.ended]))]);
    } finally {
      patience.abort();
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

  #context(asOwner: boolean): RequestContext {
    return {
      requestId: requestId(`req-${this.#world.newId()}`),
      userId: userId(asOwner ? 'owner' : 'admin'),
      projectId: projectId('project'),
      roles: [asOwner ? 'member' : 'admin'],
      isAdmin: !asOwner,
    };
  }
}
