import type { MigrationRow } from '../../../application/views/migrations-view.ts';
import type { ServerRow } from '../../../application/views/servers-view.ts';
import type { HostName } from '../../../domain/shared/ids.ts';
import type { Ending, Violation } from '../round.ts';
import { SeededRandom } from '../seeded-random.ts';
import { checkAtRest, checkReplay } from './check-at-rest.ts';
import { HEARTBEAT_MS } from './chaos-process.ts';
import { ChaosWorld, HOSTS } from './chaos-world.ts';
import { Requests } from './requests.ts';
import { STAGES, type SimulatedRoundPlan, type Stage, type StageExtent } from './round-plan.ts';
import { isAtRest, passTimeUntil, serverRow, SETTLING_MS_MAX, stoppedMigration } from './round-scene.ts';
import { couldBeDone, isDone } from './stage-goals.ts';
import { StageFaults } from './stage-faults.ts';
import { Witness } from './witness.ts';

/** One fault spoils at most one attempt, and what is under way at its end another one. */
const ATTEMPTS_MAX = 5;
const RECOVERY_REQUESTS_MAX = 8;
const OPERATOR_RETRIES_MAX = 2;

export type PerformedRound = {
  readonly ending: Ending;
  readonly violations: readonly Violation[];
  /** How many of the planned faults came; the others had no moment left. */
  readonly struck: number;
  /** From the end of the last fault until nothing was under way. */
  readonly recoveryMs: number | null;
  readonly extents: Readonly<Partial<Record<Stage, StageExtent>>>;
};

/** One cycle on a cloud of its own, as the plan disturbs it. The same seed and plan give the same round. */
export async function performRound(plan: SimulatedRoundPlan, seed: number): Promise<PerformedRound> {
  const round = new Round(plan, new ChaosWorld(new SeededRandom(seed, plan.round), plan.storage));
  return round.perform();
}

class Round {
  readonly #plan: SimulatedRoundPlan;
  readonly #world: ChaosWorld;
  readonly #witness: Witness;
  readonly #requests: Requests;
  readonly #extents: Partial<Record<Stage, StageExtent>> = {};
  #struck = 0;
  #neededOperator = false;
  #recoveryMs: number | null = null;

  constructor(plan: SimulatedRoundPlan, world: ChaosWorld) {
    this.#plan = plan;
    this.#world = world;
    this.#witness = new Witness(world);
    this.#requests = new Requests(world);
  }

  async perform(): Promise<PerformedRound> {
    void this.#world.start();
    await passTimeUntil(this.#world, () => this.#world.process !== null);
    let goesOn = true;
    for (const stage of STAGES) if (goesOn) goesOn = await this.#stage(stage);
    if (goesOn) await this.#bringBack();
    await checkReplay(this.#world, this.#witness);
    for (const bug of this.#world.bugs) this.#witness.report('recovered', `the program broke: ${textOf(bug)}`);
    const ending = this.#ending();
    this.#world.end();
    return {
      ending,
      violations: this.#witness.violations,
      struck: this.#struck,
      recoveryMs: this.#recoveryMs,
      extents: this.#extents,
    };
  }

  get #row(): ServerRow | null {
    const { instanceId } = this.#world;
    return instanceId === null ? null : serverRow(this.#world, instanceId);
  }

  /** False: the round ends here. */
  async #stage(stage: Stage): Promise<boolean> {
    const world = this.#world;
    const beganMs = world.nowMs;
    const [source, destination] = pairFrom(this.#row?.host ?? HOSTS[0]);
    if (stage === 'migrate' || stage === 'migrateBack') this.#witness.protect();
    const planned = this.#plan.faults.filter((fault) => fault.stage === stage);
    const scene = { world, witness: this.#witness, requests: this.#requests, source, destination };
    const faults = new StageFaults(scene, planned);
    for (let attempt = 1; attempt <= ATTEMPTS_MAX && !isDone(stage, this.#row, source); attempt += 1) {
      if (attempt > 1 && planned.length > 0) await this.#hostsAreThere();
      void this.#ask(stage);
      if (!(await this.#rest(faults))) return false;
      const { calls, changes } = faults;
      if (attempt === 1) this.#extents[stage] = { calls, changes, milliseconds: world.nowMs - beganMs };
      if (this.#isOver() || this.#stopped() !== null) break;
    }
    faults.takeBack();
    this.#struck += faults.struck;
    if (!(await this.#rest(faults))) return false;
    if (planned.length > 0) await this.#hostsAreThere();
    if (!(await this.#askOperator())) return false;
    checkAtRest(world, this.#witness);
    if (!isDone(stage, this.#row, source) && !this.#isOver() && couldBeDone(stage, this.#row, world)) {
      this.#witness.report('goesOn', `${stage} did not succeed although nothing stood in its way any more`);
    }
    return !this.#isOver();
  }

  async #ask(stage: Stage): Promise<void> {
    switch (stage) {
      case 'create':
        // The answer may have been lost, and not the request.
        return this.#row === null ? this.#requests.create() : undefined;
      case 'rescue':
        return this.#requests.rescue();
      case 'migrate':
      case 'migrateBack':
        return this.#requests.migrate();
      case 'unrescue':
        return this.#requests.unrescue();
    }
  }

  /** Waits until nothing is under way and no fault lasts; false when that never comes. */
  async #rest(faults: StageFaults | null): Promise<boolean> {
    const world = this.#world;
    let faultEndMs: number | null = faults === null || faults.struck === 0 ? null : world.nowMs;
    const rested = await passTimeUntil(world, () => {
      if (faults !== null && (faults.lasting > 0 || world.process === null)) faultEndMs = world.nowMs;
      return (
        (faults === null || faults.lasting === 0) &&
        (world.instanceId === null ? this.#requests.underWay === 0 : isAtRest(world, this.#requests, world.instanceId))
      );
    });
    if (rested && faultEndMs !== null) {
      this.#recoveryMs = Math.max(this.#recoveryMs ?? 0, world.nowMs - faultEndMs);
    }
    if (!rested) {
      this.#recoveryMs = null;
      const task = JSON.stringify(this.#row?.task ?? null);
      this.#witness.report('recovered', `still under way after ${SETTLING_MS_MAX} ms: task ${task}`);
    }
    return rested;
  }

  #isOver(): boolean {
    const row = this.#row;
    if (row === null) return false;
    return row.existence === 'deleted' || stoppedMigration(this.#world, row) !== null;
  }

  #stopped(): MigrationRow | null {
    const migrations = [...(this.#world.process?.views.migrations.all() ?? [])];
    return migrations.find(({ saga }) => saga.phase === 'needsOperator') ?? null;
  }

  /** An operator who has looked at both hosts says `retry`; with every fault over that must be enough. */
  async #askOperator(): Promise<boolean> {
    for (let retries = 0; retries < OPERATOR_RETRIES_MAX; retries += 1) {
      const stopped = this.#stopped();
      if (stopped === null) return true;
      this.#neededOperator = true;
      checkAtRest(this.#world, this.#witness);
      void this.#requests.retry(stopped.migrationId);
      if (!(await this.#rest(null))) return false;
    }
    const stopped = this.#stopped();
    if (stopped !== null && this.#witness.protectedBoot !== null) {
      this.#witness.report('goesOn', `migration ${stopped.number} cannot be resolved: ${stopped.reason}`);
    }
    return true;
  }

  /** An operator has opened both hosts again, and their next heartbeat has been heard. */
  async #hostsAreThere(): Promise<void> {
    const opened = this.#requests.openHosts(HOSTS);
    await passTimeUntil(this.#world, () => this.#requests.underWay === 0);
    await opened;
    await this.#world.clock.advance(HEARTBEAT_MS);
  }

  /** Whatever was done to it: the original machine can be had again, or the server be deleted without a trace. */
  async #bringBack(): Promise<void> {
    for (let requests = 0; requests < RECOVERY_REQUESTS_MAX; requests += 1) {
      const row = this.#row;
      if (row === null || this.#isOver()) break;
      const next = this.#nextToBringBack(row);
      if (next === null) return checkAtRest(this.#world, this.#witness);
      void next();
      if (!(await this.#rest(null))) return undefined;
    }
    checkAtRest(this.#world, this.#witness);
    if (!this.#isOver()) this.#witness.report('goesOn', `the server stays ${this.#row?.vmState} whatever is asked`);
    return undefined;
  }

  #nextToBringBack(row: ServerRow): (() => Promise<void>) | null {
    const { cloud } = this.#world;
    const requests = this.#requests;
    if (row.launchedAt === null || this.#witness.isDeleted) return () => requests.delete();
    if (row.vmState === 'rescued') return () => requests.unrescue();
    if (row.rescue !== null) return () => requests.rescue();
    if (row.vmState === 'stopped') return () => requests.power('start');
    const runs = cloud.runningCopies(row.instanceId).length === 1;
    return row.vmState === 'active' && runs ? null : () => requests.power('reboot');
  }

  #ending(): Ending {
    const migrations = [...(this.#world.process?.views.migrations.all() ?? [])];
    if (this.#neededOperator) return 'needs operator';
    return migrations.every(({ status }) => status === 'completed') ? 'completed' : 'rolled back';
  }
}

function pairFrom(source: HostName): readonly [HostName, HostName] {
  const [first, second] = HOSTS;
  return source === first ? [first, second] : [second, first];
}

const textOf = (bug: unknown): string =>
  bug instanceof Error ? (bug.stack ?? bug.message).split('\n').slice(0, 3).join(' ') : JSON.stringify(bug);
