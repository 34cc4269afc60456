import { hasStoppedItself } from '../domain/instance/power-state.ts';
import type { PowerState } from '../domain/instance/vm-state.ts';
import { INSTANCE, instanceStream } from './aggregates.ts';
import { handleCommand } from './handle-command.ts';
import { StoreUnavailable, type EventStore } from './ports/event-store.ts';
import type { GuestPresence, HypervisorDriver } from './ports/hypervisor-driver.ts';
import { systemContext } from './system-context.ts';
import type { ServerRow } from './views/servers-view.ts';
import type { WatchDependencies } from './watch-dependencies.ts';

type Dependencies = WatchDependencies & {
  readonly eventStore: EventStore;
  readonly intervalMs: number;
};

/**
 * Asks the hypervisors of this process what their servers' guests really do, and records where that differs from what
 * is known; a server that has switched itself off is stopped, as in Nova. Servers with which something is being done
 * are left alone: who does it, tells.
 */
export class PowerStateSynchroniser {
  readonly #dependencies: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** Looks again and again until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#dependencies.clock.sleep(this.#dependencies.intervalMs, signal);
      if (!signal.aborted) await this.#look(signal);
    }
  }

  /** Without the view of the servers nobody can say whom to ask for; the next look may. */
  async #look(signal: AbortSignal): Promise<void> {
    try {
      await this.synchronise(signal);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      this.#dependencies.log.error({ error }, 'Nobody can say which servers there are; trying again.');
    }
  }

  /** One look at every server: hosts side by side, the servers of one host one after another. Never rejects for a host. */
  async synchronise(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#dependencies.hosts.all().map((driver) => this.#synchroniseHost(driver, signal)));
  }

  async #synchroniseHost(driver: HypervisorDriver, signal: AbortSignal): Promise<void> {
    const { servers } = this.#dependencies.views;
    for (const { instanceId: id } of servers.onHost(driver.host)) {
      if (signal.aborted) return;
      const asked = servers.find(id);
      if (asked === null || asked.task !== null) continue;
      try {
        const answer = await driver.inquire(id);
        // A host that does not answer is the heartbeat's business.
        if (answer.outcome !== 'succeeded') return;
        const powerState = powerStateIn(answer.value);
        // Somebody has changed the server while its host was asked: the answer may be about the guest before.
        if (servers.find(id) !== asked) continue;
        if (powerState !== null) await this.#observe(driver, asked, powerState);
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        this.#dependencies.log.error({ error, instanceId: id }, 'A power state could not be recorded.');
        return;
      }
    }
  }

  async #observe({ host }: HypervisorDriver, asked: ServerRow, powerState: PowerState): Promise<void> {
    const { instanceId: id, updatedAt: asOf } = asked;
    const { clock, computeApi, ids, log } = this.#dependencies;
    const context = systemContext(ids);
    const { requestId, userId } = context;
    const command = { type: 'ObservePowerState', host, powerState, asOf, at: clock.now() } as const;
    const metadata = { correlationId: requestId, causationId: requestId, actor: userId };
    const answer = await handleCommand(this.#dependencies, INSTANCE, instanceStream(id), command, metadata);
    if (!answer.accepted || answer.state.existence !== 'present' || !hasStoppedItself(answer.state)) return;
    log.info({ instanceId: id, host, powerState }, 'A guest has switched itself off; its server is stopped.');
    // Refused: somebody else has asked for something in between.
    await computeApi.runPowerAction(context, id, 'stop', null);
  }
}

function powerStateIn(presence: GuestPresence): PowerState | null {
  if (presence.presence === 'absent' || presence.incoming) return null;
  return presence.power === 'neverStarted' || presence.power === 'unexplained' ? 'shutdown' : presence.power;
}
