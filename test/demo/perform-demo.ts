import { ComputeClient } from '../support/compute-client.ts';
import { waitUntil } from '../lab/wait-until.ts';
import type { Lab } from '../lab/two-hosts.ts';
import type { DemoEvidence } from './demo-evidence.ts';
import { DemoFailure, NEXT_LOOK_AT_LOGS } from './demo-failure.ts';
import { STEPS, type DemoOutput } from './demo-output.ts';
import { providePackages } from './demo-packages.ts';
import { proofsOf } from './demo-proofs.ts';
import { demoResult, type DemoResult } from './demo-result.ts';
import { BootWaits, performStep, type DemoRun } from './demo-run.ts';
import { startDemoServer, type DemoServer } from './demo-server.ts';
import { buildDemoWorld, demoConfiguration, TOO_OLD, type DemoWorld } from './demo-world.ts';
import { showHistory } from './history-step.ts';
import { admitMigration, followMigration } from './migration-steps.ts';
import { createServer, rescueServer, unrescueServer, type Reported } from './server-steps.ts';
import { contentOf, leftoversOn, runningDomainsOn, type HostContent } from './source-leftovers.ts';

/** Gets hold of what was started, as soon as it was, so that it can be ended whatever comes after. */
type Started = { readonly lab: (lab: Lab) => void; readonly server: (server: DemoServer) => void };

const SERVICES_DEADLINE_MS = 60_000;

/** The whole demo up to its result. Throws `DemoFailure` where it cannot go on; ends nothing that it started. */
export async function performDemo(output: DemoOutput, started: Started): Promise<DemoResult> {
  await performStep(output, STEPS.packages, async () => {
    const { installed, guestKernel } = await providePackages((text) => output.doing(text));
    const summary = `${installed.length === 0 ? 'all there' : `installed ${installed.join(' ')}`}; ${guestKernel}`;
    return { value: null, report: { facts: { installed, guest_kernel: guestKernel }, summary, details: null } };
  });
  const startedAt = performance.now();
  const world = await performStep(output, STEPS.hosts, async () => {
    const value = await buildDemoWorld(started.lab, (text) => output.doing(text));
    const { lab, source, destination, acceleration } = value;
    const facts = { source: source.name, destination: destination.name, directory: lab.directory, acceleration };
    return {
      value,
      report: { facts, summary: `${source.name} and ${destination.name}, ${acceleration}`, details: null },
    };
  });
  const run = await performStep(output, STEPS.lifeboat, () => startLifeboat(output, world, started));
  const evidence = await gatherEvidence(run, await contentOf(world.source));
  const proofs = proofsOf(evidence);
  const result = demoResult(evidence, proofs, {
    acceleration: world.acceleration,
    boot_waits_ms: run.bootWaits.totalMs,
    total_ms: Math.round(performance.now() - startedAt),
  });
  output.finish(result, proofs);
  return result;
}

async function startLifeboat(output: DemoOutput, world: DemoWorld, started: Started): Promise<Reported<DemoRun>> {
  output.doing('starting lifeboat serve');
  const server = await startDemoServer(world.lab.directory, demoConfiguration(world, TOO_OLD));
  started.server(server);
  const client = new ComputeClient(server.url);
  output.doing('waiting for both compute services');
  const up = async (): Promise<true | null> =>
    (await client.services()).filter(({ state }) => state === 'up').length === world.lab.hosts.length ? true : null;
  if ((await waitUntil(up, { deadlineMs: SERVICES_DEADLINE_MS })) === null) {
    const what = `Not both compute services were up after ${SERVICES_DEADLINE_MS} ms.`;
    throw new DemoFailure({ what, why: JSON.stringify(await client.services()), next: NEXT_LOOK_AT_LOGS });
  }
  const facts = { url: `${server.url}/v2.1`, store: server.storeUrl };
  return {
    value: { world, server, client, output, bootWaits: new BootWaits() },
    report: { facts, summary: facts.url, details: null },
  };
}

async function gatherEvidence(run: DemoRun, sourceBefore: HostContent): Promise<DemoEvidence> {
  const { world, output } = run;
  const server = await performStep(output, STEPS.create, () => createServer(run));
  const rescued = await performStep(output, STEPS.rescue, () => rescueServer(run, server));
  const admitted = await performStep(output, STEPS.admission, () => admitMigration(run, server));
  const followed = await performStep(output, STEPS.migration, () => followMigration(run, server, admitted));
  const unrescued = await performStep(output, STEPS.unrescue, () => unrescueServer(run, server));
  const { actions, recorded } = await performStep(output, STEPS.history, () => showHistory(run, server));
  const found = await performStep(output, STEPS.proofs, () => lookAtHosts(run, sourceBefore));
  return {
    server,
    source: world.source.name,
    destination: world.destination.name,
    originalDataSha256: world.originalDataSha256,
    rescued,
    answers: admitted.answers,
    onSource: followed.onSource,
    onDestination: followed.onDestination,
    statusesWhileMigrating: followed.statuses,
    hostAfterMigration: followed.host,
    migrationStatus: followed.migrationStatus,
    migrationMs: followed.migrationMs,
    unrescued: unrescued.boot,
    hostAfterUnrescue: unrescued.host,
    actions,
    recorded,
    ...found,
  };
}

type SeenOnHosts = Pick<DemoEvidence, 'leftoversOnSource' | 'domainsOnDestination'>;

async function lookAtHosts({ world, output }: DemoRun, sourceBefore: HostContent): Promise<Reported<SeenOnHosts>> {
  output.doing('looking at both hosts from outside');
  const [leftoversOnSource, domainsOnDestination] = await Promise.all([
    leftoversOn(world.source, sourceBefore),
    runningDomainsOn(world.destination),
  ]);
  return {
    value: { leftoversOnSource, domainsOnDestination },
    report: {
      facts: { leftovers_on_source: leftoversOnSource, running_on_destination: domainsOnDestination },
      summary:
        leftoversOnSource.length === 0 ? 'nothing left on the source' : `${leftoversOnSource.length} things left`,
      details: null,
    },
  };
}
