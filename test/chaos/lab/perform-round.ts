import type { Ending, Leg, PlannedFault, RoundOutcome, RoundPlan, Violation } from '../round.ts';
import { runCommand } from '../../lab/run-command.ts';
import { examine, type Expected } from './check-invariants.ts';
import type { Route } from './migration-phases.ts';
import type { Told } from './patient.ts';
import { actUnderFault, type Struck } from './struck-action.ts';
import type { Admitted } from './ward-of-one.ts';

const SETTLE_DEADLINE_MS = 120_000;
const BOOT_DEADLINE_MS = 90_000;
const VIRSH_DEADLINE_MS = 10_000;
const ENDINGS: Readonly<Record<string, Ending>> = {
  RESCUE: 'completed',
  completed: 'completed',
  error: 'needs operator',
  ERROR: 'needs operator',
};

/** Rescue, migrate there and back, unrescue, with the planned fault in one of them. What it finds wrong ends the round. */
export async function performRound(admitted: Admitted, plan: RoundPlan): Promise<RoundOutcome> {
  const [planned] = plan.faults;
  if (planned === undefined) throw new Error(`round ${plan.round} has no fault`);
  const round = new Round(admitted, planned, plan.bandwidthMiBps);
  try {
    await round.run();
  } catch (error) {
    round.violations.push({ invariant: 'goesOn', what: error instanceof Error ? error.message : String(error) });
  }
  const { fault, phase } = planned;
  const { ending, recoveryMs, guestSilenceMs, violations } = round;
  return { round: plan.round, fault, phase, outcome: ending, recoveryMs, guestSilenceMs, violations };
}

/** What was found wrong was written down; nothing after it would prove anything. */
class RoundEnded extends Error {}

class Round {
  ending: Ending = 'completed';
  recoveryMs: number | null = null;
  guestSilenceMs: number | null = null;
  readonly violations: Violation[] = [];
  readonly #admitted: Admitted;
  readonly #planned: PlannedFault;
  readonly #bandwidthMiBps: number | null;
  #rescuedBoot = '';
  #alive = true;

  constructor(admitted: Admitted, planned: PlannedFault, bandwidthMiBps: number | null) {
    this.#admitted = admitted;
    this.#planned = planned;
    this.#bandwidthMiBps = bandwidthMiBps;
  }

  async run(): Promise<void> {
    try {
      await this.#rescue();
      for (const leg of ['there', 'back'] as const) if (this.#alive) await this.#migrate(leg);
      await this.#unrescue();
    } catch (error) {
      if (!(error instanceof RoundEnded)) throw error;
    }
  }

  async #rescue(): Promise<void> {
    const { patient, observer, cloud, bootId } = this.#admitted;
    const { rescue, originalDataSha256 } = cloud.libvirt.images;
    const body = { rescue: { rescue_image_ref: rescue.imageId } };
    let begunAt = performance.now();
    if (this.#planned.phase === 'rescue') {
      const struck = await this.#strike(() => patient.act(body));
      if (struck.server.status === 'ACTIVE') {
        this.ending = 'rolled back';
        await this.#examine({ status: 'ACTIVE', bootId, alive: true, host: null });
        begunAt = performance.now();
        await this.#do(body, 'RESCUE');
      }
    } else {
      await this.#do(body, 'RESCUE');
    }
    const boot = await observer.bootAfter(begunAt, BOOT_DEADLINE_MS);
    this.#must(boot !== null, 'the rescued guest does not boot');
    this.#rescuedBoot = boot?.bootId ?? '';
    const whole = boot?.role === 'rescue' && boot.second === 'orig' && boot.secondData === originalDataSha256;
    if (!whole || boot.boots !== 1) this.#violate('disksIntact', `the rescued guest said ${JSON.stringify(boot)}`);
    await this.#examine({ status: 'RESCUE', bootId: this.#rescuedBoot, alive: true, host: null });
  }

  async #migrate(leg: Leg): Promise<void> {
    const { phase, leg: plannedLeg } = this.#planned;
    const strikesHere = leg === plannedLeg && phase !== 'rescue' && phase !== 'unrescue';
    const route = await this.#route();
    const expected = { status: 'RESCUE', bootId: this.#rescuedBoot } as const;
    if (strikesHere) {
      await this.#limitBandwidth(route);
      const struck = await this.#strike(() => this.#askMigration(route), route);
      const status = struck.migrations[0]?.status ?? 'none';
      this.ending = ENDINGS[status] ?? 'rolled back';
      if (this.ending === 'needs operator') this.#violate('recovered', `the migration ended as ${status}`);
      await this.#examine({ ...expected, alive: struck.mayHaveKilledGuest ? null : true, host: null });
      if (!this.#alive || this.ending === 'completed') return;
    }
    await this.#askMigration(route);
    const told = await this.#settled('RESCUE');
    const status = told.migrations[0]?.status;
    this.#must(status === 'completed', `a migration without a fault ended as ${status}`);
    await this.#examine({ ...expected, alive: true, host: route.destination.name });
  }

  async #unrescue(): Promise<void> {
    const { patient, observer, cloud } = this.#admitted;
    const begunAt = performance.now();
    const body = { unrescue: null };
    if (this.#planned.phase === 'unrescue') {
      const struck = await this.#strike(() => patient.act(body));
      if (struck.server.status === 'RESCUE') {
        this.ending = 'rolled back';
        await this.#examine({ status: 'RESCUE', bootId: this.#rescuedBoot, alive: true, host: null });
        await this.#do(body, 'ACTIVE');
      }
    } else {
      await this.#do(body, 'ACTIVE');
    }
    const boot = await observer.bootAfter(begunAt, BOOT_DEADLINE_MS);
    this.#must(boot !== null, 'the original guest does not boot');
    if (boot === null) return;
    const { originalDataSha256: data } = cloud.libvirt.images;
    const boots = this.#admitted.boots + 1;
    if (boot.role !== 'orig' || boot.second !== null || boot.data !== data || boot.boots !== boots) {
      this.#violate(
        'disksIntact',
        `expected boot ${boots} of the original disk, the guest said ${JSON.stringify(boot)}`,
      );
    }
    this.#admitted.bootId = boot.bootId;
    this.#admitted.boots = boots;
    await this.#examine({ status: 'ACTIVE', bootId: boot.bootId, alive: true, host: null });
  }

  async #strike(begin: () => Promise<void>, given?: Route): Promise<Told & Pick<Struck, 'mayHaveKilledGuest'>> {
    const route = given ?? (await this.#route());
    const struck = await actUnderFault(this.#admitted, route, this.#planned, begin);
    this.recoveryMs = struck.recoveryMs;
    this.violations.push(...struck.violations);
    this.#struckAt = struck.struckAt;
    if (struck.told === null) throw new RoundEnded();
    const { status, fault } = struck.told.server;
    if (status === 'ERROR') {
      this.ending = 'needs operator';
      this.#violate('recovered', `the server is in ERROR: ${fault ?? ''}`);
      throw new RoundEnded();
    }
    return { ...struck.told, mayHaveKilledGuest: struck.mayHaveKilledGuest };
  }

  #struckAt: number | null = null;

  async #examine(expected: Expected): Promise<void> {
    const { violations, alive } = await examine(this.#admitted, expected);
    this.#alive = alive;
    if (this.#struckAt !== null && this.guestSilenceMs === null && alive) {
      this.guestSilenceMs = this.#admitted.observer.longestSilenceMs(expected.bootId, this.#struckAt);
    }
    this.#struckAt = null;
    this.violations.push(...violations);
    if (this.violations.length > 0) throw new RoundEnded();
  }

  async #do(body: object, status: string): Promise<void> {
    await this.#admitted.patient.act(body);
    await this.#settled(status);
  }

  async #settled(status: string): Promise<Told> {
    const told = await this.#admitted.patient.settled(SETTLE_DEADLINE_MS);
    if (told?.server.status !== status) {
      throw new Error(
        `the server is ${told?.server.status ?? 'not settled'}, not ${status}: ${told?.server.fault ?? ''}`,
      );
    }
    return told;
  }

  #askMigration({ destination }: Route): Promise<void> {
    return this.#admitted.patient.act({ 'os-migrateLive': { host: destination.name, block_migration: 'auto' } });
  }

  async #route(): Promise<Route> {
    const { cloud, patient } = this.#admitted;
    const told = await patient.settled(SETTLE_DEADLINE_MS);
    const host = told?.server.host;
    if (host === null || host === undefined) throw new Error('the API tells no host');
    return { source: cloud.host(host), destination: cloud.otherThan(host) };
  }

  // Of libvirt itself, not of Lifeboat: a phase is then long enough to be hit.
  async #limitBandwidth({ source }: Route): Promise<void> {
    if (this.#bandwidthMiBps === null) return;
    const domain = `instance-${this.#admitted.patient.id}`;
    const limit = ['migrate-setspeed', domain, String(this.#bandwidthMiBps)];
    await runCommand(['virsh', '-c', source.lab.facts.connectionUri, ...limit], { deadlineMs: VIRSH_DEADLINE_MS });
  }

  #must(holds: boolean, what: string): void {
    if (!holds) throw new Error(what);
  }

  #violate(invariant: Violation['invariant'], what: string): void {
    this.violations.push({ invariant, what });
  }
}
