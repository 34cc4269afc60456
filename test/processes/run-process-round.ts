import { waitUntil } from '../lab/wait-until.ts';
import { SeededRandom } from '../chaos/seeded-random.ts';
import { awaitRest, checkFleet } from './check-fleet.ts';
import { disturbProcesses } from './disturb-processes.ts';
import { FleetClient } from './fleet-client.ts';
import { HOSTS, ProcessWorld, type StoreKind } from './process-world.ts';

const READY = { deadlineMs: 60_000, intervalMs: 50 };
const SERVERS = 6;

export type ProcessRound = {
  readonly violations: readonly string[];
  readonly kills: number;
  readonly stops: number;
  readonly accepted: number;
  readonly effects: number;
  /** How often a migration was taken over from another process. */
  readonly takeovers: number;
  readonly migrations: number;
  /** What the processes said last, for whoever looks into a violation. */
  readonly logs: string;
};

/** Two APIs and three compute services as processes of their own, killed and stopped at random for `disturbedMs`. */
export async function runProcessRound(kind: StoreKind, seed: number, disturbedMs: number): Promise<ProcessRound> {
  const world = await ProcessWorld.start(kind);
  try {
    for (let apis = 0; apis < 2; apis += 1) world.api();
    for (const host of HOSTS) world.compute(host);
    await allReady(world);
    return await disturbedRound(world, seed, disturbedMs);
  } finally {
    await world.stop();
  }
}

/** Throws, with what the others have said, when one does not come up. */
export async function allReady({ processes }: ProcessWorld): Promise<void> {
  if ((await waitUntil(() => (processes.every(({ isReady }) => isReady) ? true : null), READY)) !== null) return;
  const late = processes.filter(({ isReady }) => !isReady);
  throw new Error(`not ready: ${late.map(({ name, lines }) => `${name}\n${lines.slice(-20).join('\n')}`).join('\n')}`);
}

async function disturbedRound(world: ProcessWorld, seed: number, disturbedMs: number): Promise<ProcessRound> {
  const client = new FleetClient(world, new SeededRandom(seed, 1));
  await client.create(SERVERS);
  const disturbing = new AbortController();
  const asking = client.ask(disturbing.signal);
  const disturbed = disturbProcesses(world, new SeededRandom(seed, 2), disturbing.signal);
  await world.clock.sleep(disturbedMs);
  disturbing.abort();
  const [, { kills, stops }] = await Promise.all([asking, disturbed]);
  await allReady(world);
  const log = await world.log();
  try {
    const busy = await awaitRest(world, log);
    const violations = busy.length > 0 ? busy : await checkFleet(world, client, log);
    const claims = (await log.readAll(0, 10_000)).flatMap(({ data }) =>
      data.type === 'MigrationClaimed' ? [data] : [],
    );
    return {
      violations,
      kills,
      stops,
      accepted: client.accepted.length,
      effects: world.witness.effects,
      takeovers: claims.filter(({ epoch }) => epoch > 1).length,
      migrations: claims.filter(({ epoch }) => epoch === 1).length,
      logs: world.processes.map(({ name, lines }) => `${name}:\n  ${lines.slice(-60).join('\n  ')}`).join('\n'),
    };
  } finally {
    await log.close();
  }
}
