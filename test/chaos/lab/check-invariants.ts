import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from '../../lab/wait-until.ts';
import type { Violation } from '../round.ts';
import type { ChaosCloud } from './chaos-cloud.ts';
import type { ChaosHost } from './chaos-host.ts';
import type { GuestObserver } from './guest-observer.ts';
import type { Patient, Told } from './patient.ts';

/** What must be found in a cloud where nothing is in progress. */
export type Expected = {
  readonly status: 'RESCUE' | 'ACTIVE';
  /** The boot that must go on. */
  readonly bootId: string;
  /** Null: it may be gone, since its emulator may have been killed; what is there must still be that one boot. */
  readonly alive: true | null;
  /** Where the server must be; null: on either host. */
  readonly host: string | null;
};

export type Examined = { readonly violations: readonly Violation[]; readonly alive: boolean };

const RESCUED_FILES = ['console.log', 'disk', 'disk.rescue', 'kernel', 'kernel.rescue', 'ramdisk', 'ramdisk.rescue'];
const FILES = {
  RESCUE: [...RESCUED_FILES, 'unrescue.xml'],
  ACTIVE: ['console.log', 'disk', 'kernel', 'ramdisk'],
} as const;
const POWER_RUNNING = 1;
/** A process that was ended, or a pool that was removed, may be seen a moment longer. */
const CLEAN_DEADLINE_MS = 5000;
const CLEAN_INTERVAL_MS = 250;
const HEARD_DEADLINE_MS = 20_000;

const imageDigests = new Map<string, Promise<string>>();

export type Ward = { readonly cloud: ChaosCloud; readonly patient: Patient; readonly observer: GuestObserver };

/** Looks from outside at processes, consoles, files, libvirt and the API, and says what is not as it must be. */
export async function examine(ward: Ward, expected: Expected): Promise<Examined> {
  let found: readonly Violation[] = [];
  let alive = true;
  const clean = async (): Promise<true | null> => {
    const told = await ward.patient.told();
    if (told === null) {
      found = [{ invariant: 'apiTrue', what: 'the API does not answer' }];
      return null;
    }
    alive = copiesOf(ward) > 0;
    found = [...copies(ward, expected, told), ...(await places(ward, told)), ...api(told, expected, alive)];
    return found.length === 0 ? true : null;
  };
  await waitUntil(clean, { deadlineMs: CLEAN_DEADLINE_MS, intervalMs: CLEAN_INTERVAL_MS });
  const heard = alive ? await hears(ward, expected) : [];
  const content = await bootFiles(ward, expected);
  return { violations: [...found, ...heard, ...content, ...twice(ward)], alive };
}

function copiesOf({ cloud, patient }: Ward): number {
  return cloud.hosts.reduce((sum, host) => sum + host.emulatorsOf(patient.id).length, 0);
}

function copies(ward: Ward, { alive, host }: Expected, { server }: Told): readonly Violation[] {
  const running = ward.cloud.hosts.filter((one) => one.emulatorsOf(ward.patient.id).length > 0);
  const number = copiesOf(ward);
  const found: Violation[] = [];
  if (number > 1 || (number === 0 && alive === true)) {
    found.push({
      invariant: 'oneCopy',
      what: `${number} running copies (${running.map(({ name }) => name).join(', ')})`,
    });
  }
  for (const { name } of running) {
    if (name !== server.host)
      found.push({ invariant: 'apiTrue', what: `runs on ${name}, the API says ${server.host}` });
  }
  if (host !== null && server.host !== host) {
    found.push({ invariant: 'apiTrue', what: `the API says ${server.host}, it must be ${host}` });
  }
  return found;
}

async function places({ cloud, patient }: Ward, { server }: Told): Promise<readonly Violation[]> {
  const looked = await Promise.all(
    cloud.hosts.map(async (host): Promise<readonly Violation[]> => {
      const leftovers = await host.leftovers();
      if (host.name !== server.host) {
        return leftovers.map((what) => ({ invariant: 'hostClean', what: `${host.name}: ${what}` }));
      }
      const foreign = leftovers.filter((what) => !what.includes(patient.id) && !what.startsWith('process '));
      const wrong =
        server.status === 'RESCUE' || server.status === 'ACTIVE' ? await files(host, patient, server.status) : [];
      return [
        ...foreign.map((what): Violation => ({ invariant: 'hostClean', what: `${host.name}: ${what}` })),
        ...wrong,
      ];
    }),
  );
  return looked.flat();
}

async function files(host: ChaosHost, { id }: Patient, status: keyof typeof FILES): Promise<readonly Violation[]> {
  const found = (await host.filesOf(id)) ?? [];
  return found.join(' ') === FILES[status].join(' ')
    ? []
    : [{ invariant: 'files', what: `${host.name}: ${found.join(' ')} for a server that is ${status}` }];
}

function api(told: Told, expected: Expected, alive: boolean): readonly Violation[] {
  const { server, inProgress, powerState } = told;
  const says = (what: string): Violation => ({ invariant: 'apiTrue', what });
  return [
    ...(server.taskState === null ? [] : [says(`task ${server.taskState} is in progress`)]),
    ...(inProgress === 0 ? [] : [says(`${inProgress} migrations are in progress`)]),
    ...(server.status === expected.status || !alive ? [] : [says(`${server.status}, it must be ${expected.status}`)]),
    ...(!alive && powerState === POWER_RUNNING ? [says('power state running, while no emulator runs')] : []),
  ];
}

async function hears({ observer }: Ward, { bootId }: Expected): Promise<readonly Violation[]> {
  const tick = await observer.tickAfter(performance.now(), HEARD_DEADLINE_MS);
  if (tick === null) return [{ invariant: 'heard', what: `silent for ${HEARD_DEADLINE_MS} ms` }];
  const before = observer.ticks.findLast((one) => one.bootId === bootId && one.at < tick.at);
  if (tick.bootId !== bootId) return [{ invariant: 'sameBoot', what: `boot ${tick.bootId} instead of ${bootId}` }];
  return before === undefined || tick.number > before.number
    ? []
    : [{ invariant: 'sameBoot', what: `tick ${tick.number} after ${before.number}` }];
}

function twice({ observer }: Ward): readonly Violation[] {
  return observer.saidTwice.slice(0, 3).map((what) => ({ invariant: 'saidOnce', what }));
}

/** The files a guest boots from are read again at its next boot only, so that a guest that runs proves nothing of them. */
async function bootFiles({ cloud, patient }: Ward, { status }: Expected): Promise<readonly Violation[]> {
  const told = await patient.told();
  if (told === null || told.server.host === null || told.server.status !== status) return [];
  const { boot, rescue, path } = cloud.libvirt.images;
  const directory = cloud.host(told.server.host).directoryOf(patient.id);
  const wanted = [
    ['kernel', boot.kernelId],
    ['ramdisk', boot.ramdiskId],
    ...(status === 'RESCUE'
      ? ([
          ['kernel.rescue', rescue.kernelId],
          ['ramdisk.rescue', rescue.ramdiskId],
        ] as const)
      : []),
  ] as const;
  const checked = wanted.map(async ([name, image]): Promise<readonly Violation[]> => {
    const same = (await sha256(join(directory, name))) === (await imageSha256(join(path, `${image}.data`)));
    return same ? [] : [{ invariant: 'files', what: `${name} is not what the image service has` }];
  });
  return (await Promise.all(checked)).flat();
}

/** Images do not change. */
async function imageSha256(path: string): Promise<string> {
  const known = imageDigests.get(path) ?? sha256(path);
  imageDigests.set(path, known);
  return known;
}

async function sha256(path: string): Promise<string> {
  const content = await readFile(path).catch(() => null);
  return content === null ? 'none' : createHash('sha256').update(content).digest('hex');
}
