import type { ChaosHost } from './chaos-host.ts';
import { lasting, NOTHING_TO_HEAL, type Stage, type Strike, type Struck } from './struck-cloud.ts';

/** SIGKILL for Lifeboat, which is started again when the fault is healed. */
export const killLifeboat: Strike = async ({ cloud }) => {
  await cloud.lifeboat.kill();
  return lasting(() => cloud.lifeboat.start());
};

export const killSourceEmulator: Strike = async (stage) => killEmulators(stage, stage.route.source);
export const killDestinationEmulator: Strike = async (stage) => killEmulators(stage, stage.route.destination);

export const killSourceLibvirtd: Strike = async ({ route }) => killLibvirtd(route.source);
export const killDestinationLibvirtd: Strike = async ({ route }) => killLibvirtd(route.destination);

export const stopSourceLibvirtd: Strike = async ({ route }) => stopLibvirtd(route.source);
export const stopDestinationLibvirtd: Strike = async ({ route }) => stopLibvirtd(route.destination);

async function killEmulators({ server }: Stage, host: ChaosHost): Promise<Struck> {
  const pids = host.emulatorsOf(server);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  return pids.length === 0 ? NOTHING_TO_HEAL : { ...NOTHING_TO_HEAL, mayHaveKilledGuest: true };
}

async function killLibvirtd({ lab }: ChaosHost): Promise<Struck> {
  await lab.killLibvirtd();
  return lasting(() => lab.startLibvirtd());
}

async function stopLibvirtd({ lab }: ChaosHost): Promise<Struck> {
  await lab.killLibvirtd('SIGSTOP');
  return lasting(() => lab.killLibvirtd('SIGCONT'));
}
