import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { MemoryEventStore } from '../../adapters/event-store/memory-event-store.ts';
import { SimulatedClock } from '../../adapters/simulated/simulated-clock.ts';
import { COMPUTE_SERVICE, computeServiceStream, INSTANCE, instanceStream } from '../../application/aggregates.ts';
import { handleCommand, loadAggregate } from '../../application/handle-command.ts';
import type { InstanceCommand } from '../../domain/instance/instance-commands.ts';
import { minimumServiceVersion } from '../../domain/service-version/minimum-service-version.ts';
import { computeServiceId, hostName, migrationId, serviceVersion, type HostName } from '../../domain/shared/ids.ts';
import { AT, HISTORY, LIVE_MIGRATE, OWNER, RESCUE_IMAGES, SERVER } from '../domain/instance-histories.fixture.ts';
import { NumberedIdSource } from '../support/saga-world.ts';

const METADATA = { correlationId: 'request', causationId: 'request', actor: 'operator' };
const STREAM = instanceStream(SERVER);
const HOSTS = [hostName('compute-a'), hostName('compute-b')];

/** An operator's notes on paper: five facts, and nothing of events, tasks or sagas. */
type Paper = {
  host: string;
  rescued: boolean;
  /** The number of the migration under way. */
  migrating: number | null;
  migrationsAsked: number;
  fleetUpgraded: boolean;
};

/** The system: the real decisions over a real log. */
class Deployment {
  readonly #eventStore = new MemoryEventStore(new SimulatedClock());
  readonly #ids = new NumberedIdSource();

  async begin(): Promise<void> {
    const events = HISTORY.active.map((data) => ({ id: this.#ids.uuid(), data, metadata: METADATA }));
    await this.#eventStore.append(STREAM, 'none', events);
    for (const host of HOSTS) await this.report(host, 73);
  }

  async tell(command: InstanceCommand): Promise<boolean> {
    const dependencies = { eventStore: this.#eventStore, ids: this.#ids };
    return (await handleCommand(dependencies, INSTANCE, STREAM, command, METADATA)).accepted;
  }

  async report(host: HostName, version: number): Promise<void> {
    const command = {
      type: 'ReportComputeService',
      serviceId: computeServiceId(host),
      host,
      version: serviceVersion(version),
      at: AT,
    } as const;
    const dependencies = { eventStore: this.#eventStore, ids: this.#ids };
    await handleCommand(dependencies, COMPUTE_SERVICE, computeServiceStream(host), command, METADATA);
  }

  async minimumVersion() {
    const states = await Promise.all(
      HOSTS.map(async (host) => {
        const { state } = await loadAggregate(this.#eventStore, COMPUTE_SERVICE, computeServiceStream(host));
        return state;
      }),
    );
    return minimumServiceVersion(states);
  }

  async server() {
    const { state } = await loadAggregate(this.#eventStore, INSTANCE, STREAM);
    if (state.existence !== 'present') throw new Error('the server is gone');
    return { host: state.host, rescued: state.vmState === 'rescued', migrating: state.migration };
  }
}

const migrationNumber = (number: number) => migrationId(`00000000-0000-4000-8000-${String(number).padStart(12, '0')}`);
const elsewhere = (host: string): HostName => HOSTS.find((other) => other !== host) ?? hostName('nowhere');

type Step = (paper: Paper, real: Deployment) => Promise<void>;

class Command implements fc.AsyncCommand<Paper, Deployment> {
  readonly #name: string;
  readonly #step: Step;

  constructor(name: string, step: Step) {
    this.#name = name;
    this.#step = step;
  }

  check(): boolean {
    return true;
  }

  async run(paper: Paper, real: Deployment): Promise<void> {
    await this.#step(paper, real);
    expect(await real.server(), this.#name).toEqual({
      host: paper.host,
      rescued: paper.rescued,
      migrating: paper.migrating === null ? null : migrationNumber(paper.migrating),
    });
  }

  toString(): string {
    return this.#name;
  }
}

const effect = (name: 'captureDefinition' | 'rescue' | 'unrescue'): InstanceCommand => ({
  type: 'RecordEffectOutcome',
  effectOutcome:
    name === 'captureDefinition'
      ? { effect: name, outcome: 'succeeded', original: { definition: '<domain/>', sha256: 'ab'.repeat(32) } }
      : { effect: name, outcome: 'succeeded' },
  at: AT,
});

const rescue: Step = async (paper, real) => {
  const expected = !paper.rescued && paper.migrating === null;
  expect(await real.tell({ type: 'Rescue', rescueImages: RESCUE_IMAGES, ...OWNER })).toBe(expected);
  for (const name of ['captureDefinition', 'rescue'] as const) await real.tell(effect(name));
  if (expected) paper.rescued = true;
};

const unrescue: Step = async (paper, real) => {
  const expected = paper.rescued && paper.migrating === null;
  expect(await real.tell({ type: 'Unrescue', ...OWNER })).toBe(expected);
  await real.tell(effect('unrescue'));
  if (expected) paper.rescued = false;
};

const liveMigrate =
  (minor: number): Step =>
  async (paper, real) => {
    const number = paper.migrationsAsked;
    paper.migrationsAsked += 1;
    const expected = paper.migrating === null && (!paper.rescued || (minor === 105 && paper.fleetUpgraded));
    const microversion = { major: 2, minor };
    const minimum = await real.minimumVersion();
    const command = {
      ...LIVE_MIGRATE,
      microversion,
      minimumServiceVersion: minimum,
      migrationId: migrationNumber(number),
    };
    expect(await real.tell(command)).toBe(expected);
    if (expected) paper.migrating = number;
  };

/** The saga tells how a migration ended, twice, as after a crash. */
const ends =
  (completed: boolean): Step =>
  async (paper, real) => {
    if (paper.migrating === null) return;
    const id = migrationNumber(paper.migrating);
    const host = elsewhere(paper.host);
    for (let telling = 0; telling < 2; telling += 1) await tellEnd(real, { completed, migrationId: id, host });
    if (completed) paper.host = host;
    paper.migrating = null;
  };

type End = {
  readonly completed: boolean;
  readonly migrationId: ReturnType<typeof migrationId>;
  readonly host: HostName;
};

async function tellEnd(real: Deployment, { completed, migrationId: id, host }: End): Promise<void> {
  if (!completed) {
    await real.tell({ type: 'RollBackLiveMigration', migrationId: id, reason: 'no', at: AT });
    return;
  }
  await real.tell({ type: 'AdoptDestination', migrationId: id, host, at: AT });
  await real.tell({ type: 'CompleteLiveMigration', migrationId: id, at: AT });
}

/** A runner that was thought dead tells of an earlier migration; nothing may change. */
const staleTelling =
  (back: number, completed: boolean): Step =>
  async (paper, real) => {
    const number = paper.migrationsAsked - 1 - back;
    if (number < 0 || number === paper.migrating) return;
    await tellEnd(real, { completed, migrationId: migrationNumber(number), host: elsewhere(paper.host) });
  };

const upgradeFleet =
  (hosts: readonly HostName[]): Step =>
  async (paper, real) => {
    for (const host of hosts) await real.report(host, 74);
    if (hosts.length === HOSTS.length) paper.fleetUpgraded = true;
  };

const always = (name: string, step: Step) => fc.constant(new Command(name, step));

const COMMANDS = [
  always('upgrade all', upgradeFleet(HOSTS)),
  always('upgrade one', upgradeFleet(HOSTS.slice(0, 1))),
  always('rescue', rescue),
  always('unrescue', unrescue),
  always('live migrate with 2.105', liveMigrate(105)),
  always('live migrate with 2.99', liveMigrate(99)),
  always('completes', ends(true)),
  always('rolls back', ends(false)),
  fc
    .record({ back: fc.nat(3), completed: fc.boolean() })
    .map(({ back, completed }) => new Command(`stale telling ${back} ${completed}`, staleTelling(back, completed))),
];

it('a server does what an operator’s notes on paper say, along any walk', async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(COMMANDS, { size: '+1' }), async (commands) => {
      const real = new Deployment();
      await real.begin();
      const paper: Paper = {
        host: 'compute-a',
        rescued: false,
        migrating: null,
        migrationsAsked: 0,
        fleetUpgraded: false,
      };
      await fc.asyncModelRun(() => ({ model: paper, real }), commands);
    }),
    { numRuns: 150 },
  );
});
