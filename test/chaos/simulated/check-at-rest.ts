import { isDeepStrictEqual } from 'node:util';
import type { ServerRow } from '../../../application/views/servers-view.ts';
import { Views } from '../../../application/views/views.ts';
import { powerStateOf } from '../../../domain/instance/power-state.ts';
import type { HostName } from '../../../domain/shared/ids.ts';
import { HOSTS, type ChaosWorld } from './chaos-world.ts';
import { serverRow, stoppedMigration } from './round-scene.ts';
import type { Witness } from './witness.ts';

const OWN_FILES = ['disk', 'kernel', 'ramdisk'];
const RESCUED_FILES = [...OWN_FILES, 'disk.rescue', 'kernel.rescue', 'ramdisk.rescue', 'unrescue.xml'].toSorted();
const ENDED: ReadonlySet<string> = new Set(['completed', 'failed', 'error', 'cancelled']);

/** What must hold whenever nothing is under way and no fault lasts. */
export function checkAtRest(world: ChaosWorld, witness: Witness): void {
  const { instanceId } = world;
  const row = instanceId === null ? null : serverRow(world, instanceId);
  if (row === null) return;
  checkMigrations(world, witness, row);
  if (row.existence === 'present' && stoppedMigration(world, row) !== null) return;
  const home = row.existence === 'deleted' ? null : row.host;
  for (const host of HOSTS) if (host !== home) checkClean(world, witness, { host, row });
  if (home !== null) checkHome(world, witness, { host: home, row });
}

function checkMigrations({ process }: ChaosWorld, witness: Witness, row: ServerRow): void {
  for (const { status, saga, reason, number } of process?.views.migrations.ofInstance(row.instanceId) ?? []) {
    if (!ENDED.has(status)) witness.report('apiTrue', `migration ${number} is ${status} while nothing is under way`);
    if (saga.phase === 'needsOperator' && (reason === null || reason === '')) {
      witness.report('apiTrue', `migration ${number} waits for an operator and does not say why`);
    }
  }
}

type Place = { readonly host: HostName; readonly row: ServerRow };

function checkClean({ cloud, calls, process }: ChaosWorld, witness: Witness, { host, row }: Place): void {
  const { instanceId } = row;
  const migrations = process?.views.migrations.ofInstance(instanceId) ?? [];
  // What an operator has been told of may stand there.
  if (migrations.some(({ saga }) => saga.phase === 'needsOperator')) return;
  const guest = cloud.guest(host, instanceId);
  const where = row.existence === 'deleted' ? 'is deleted' : `lives on ${row.host}`;
  if (guest !== null) {
    witness.report('hostClean', `the server ${where}, and ${host} has a guest (${guest.state})`);
  }
  // The one directory that all hosts have is the server's as long as there is one.
  if (cloud.storage === 'shared' && row.existence !== 'deleted') return;
  const files = cloud.files(host, instanceId);
  const { ownerMigration } = cloud.host(host).directories.get(instanceId) ?? { ownerMigration: null };
  // It came after everything else was over; the next migration takes it away, and the round goes on to prove it.
  const cameLate = calls.lateEffects > 0 && ownerMigration !== null;
  if (files !== null && !cameLate) {
    witness.report('hostClean', `the server ${where}, and ${host} has its directory (${[...files.keys()].join(' ')})`);
  }
}

function checkHome({ cloud }: ChaosWorld, witness: Witness, { host, row }: Place): void {
  const { instanceId, vmState } = row;
  // What could not be created has nothing that could be checked.
  if (row.launchedAt === null) return;
  const guest = cloud.guest(host, instanceId);
  // A delete of which only the answer was lost: the server is in error, and may be deleted again.
  if (guest === null && vmState === 'error' && witness.isDeleted) return;
  if (guest === null) return witness.report('apiTrue', `the server lives on ${host}, which has no guest`);
  if (guest.incoming || guest.outgoing !== null) witness.report('recovered', `${host} still holds a migration`);
  const { protectedBoot, mayBeOff } = witness;
  if (protectedBoot !== null && guest.bootId !== protectedBoot) {
    witness.report('sameBoot', `${host} runs ${guest.bootId}, not ${protectedBoot}`);
  }
  const on = vmState === 'active' || vmState === 'rescued';
  if ((protectedBoot !== null || (on && !mayBeOff)) && guest.state !== 'running') {
    witness.report('oneCopy', `the server is ${vmState} on ${host}, and its guest there is ${guest.state}`);
  }
  const told = powerStateOf(row);
  if (told !== null && told !== guest.state) {
    witness.report('apiTrue', `the server is said to be ${told} on ${host}, and its guest is ${guest.state}`);
  }
  checkFiles({ cloud }, witness, { host, row });
}

function checkFiles({ cloud }: Pick<ChaosWorld, 'cloud'>, witness: Witness, { host, row }: Place): void {
  const { instanceId, vmState } = row;
  const expected =
    vmState === 'rescued' ? RESCUED_FILES : vmState === 'active' && row.rescue === null ? OWN_FILES : null;
  const files = [...(cloud.files(host, instanceId)?.keys() ?? [])].toSorted();
  if (expected !== null && !isDeepStrictEqual(files, expected)) {
    witness.report('files', `the server is ${vmState} on ${host} with ${files.join(' ')}`);
  }
  const bootedFrom = cloud.guest(host, instanceId)?.bootedFrom ?? null;
  const role = vmState === 'rescued' ? 'disk.rescue' : 'disk';
  if (expected !== null && bootedFrom !== null && bootedFrom !== role) {
    witness.report('disksIntact', `the server is ${vmState} on ${host} and was booted from ${bootedFrom}`);
  }
}

/** The views that lived through the round, and views made from the log alone, must tell the same. */
export async function checkReplay({ process, log }: ChaosWorld, witness: Witness): Promise<void> {
  if (process === null) return;
  const replayed = new Views();
  await replayed.rebuild(log);
  if (!isDeepStrictEqual(shownBy(process.views), shownBy(replayed))) {
    witness.report('apiTrue', 'the views differ from views that are built from the log');
  }
}

function shownBy(views: Views): unknown {
  const servers = [...views.servers.all()];
  return {
    servers,
    migrations: [...views.migrations.all()],
    actions: servers.map(({ instanceId }) => views.instanceActions.ofInstance(instanceId)),
    computeServices: views.computeServices.all(),
  };
}
