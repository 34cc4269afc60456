import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIFEBOAT } from '../../demo/demo-server.ts';
import { runCommand } from '../../lab/run-command.ts';
import type { RoundOutcome, RoundPlan } from '../round.ts';
import type { ChaosCloud } from './chaos-cloud.ts';
import type { ChaosHost } from './chaos-host.ts';
import type { Admitted } from './ward-of-one.ts';

const VIRSH_DEADLINE_MS = 10_000;
const AUDIT_DEADLINE_MS = 30_000;

/** What is gone when the hosts are made anew, in one file for whoever looks into it. */
export async function keepEvidence(
  { cloud, patient, observer }: Admitted,
  plan: RoundPlan,
  outcome: RoundOutcome,
): Promise<string> {
  const path = join(tmpdir(), `lifeboat-chaos-${process.pid}-round-${plan.round}.txt`);
  const told = await patient.told();
  const actions = await cloud.lifeboat.client.instanceActions(patient.id).catch(() => null);
  const hosts = await Promise.all(
    cloud.hosts.map(async (host) => [
      `=== ${host.name}: emulators ${host.emulatorsOf(patient.id).join(' ')}; ${(await host.filesOf(patient.id))?.join(' ')}`,
      ...(await host.leftovers()),
      await guestOf(host, patient.id),
      `open: ${cloud.libvirt.emulatorFiles(host.name)}`,
      await host.lab.logTail(),
    ]),
  );
  const parts = [
    JSON.stringify({ plan, outcome, told }, null, 2),
    `last ticks ${JSON.stringify(observer.ticks.slice(-20))}`,
    `now ${performance.now()}`,
    JSON.stringify(actions?.slice(-4), null, 1),
    await audit(cloud, patient.id),
    await cloud.lifeboat.logTail(),
    ...hosts.flat(),
  ];
  await writeFile(path, parts.join('\n\n'));
  return path;
}

/** What libvirt and QEMU themselves say of the guest on a host. */
async function guestOf({ lab }: ChaosHost, server: string): Promise<string> {
  const questions = [
    ['domstate', '--reason', `instance-${server}`],
    ['domjobinfo', `instance-${server}`],
    ['qemu-monitor-command', `instance-${server}`, '--hmp', 'info status'],
    ['qemu-monitor-command', `instance-${server}`, '--hmp', 'info registers'],
    ['qemu-monitor-command', `instance-${server}`, '--hmp', 'info chardev'],
  ];
  const answers = questions.map(async (argv) => {
    const result = await runCommand(['virsh', '-c', lab.facts.connectionUri, ...argv], {
      deadlineMs: VIRSH_DEADLINE_MS,
    });
    return `${argv.join(' ')}: ${result.outcome === 'exited' ? result.stdout + result.stderr : result.outcome}`;
  });
  return (await Promise.all(answers)).join('\n');
}

/** Every event of the server and its migrations, as the operator's command tells them. */
async function audit(cloud: ChaosCloud, server: string): Promise<string> {
  const argv = [process.execPath, LIFEBOAT, 'audit', 'show', server, '--store', `sqlite:${cloud.eventStorePath}`];
  const result = await runCommand(argv, { deadlineMs: AUDIT_DEADLINE_MS });
  return result.outcome === 'exited' ? `${result.stdout}${result.stderr}` : JSON.stringify(result);
}
