import { join } from 'node:path';
import { FLAVOR } from '../../end-to-end/lab-configuration.ts';
import type { ChaosCloud } from './chaos-cloud.ts';
import type { Ward } from './check-invariants.ts';
import { GuestObserver } from './guest-observer.ts';
import { Patient } from './patient.ts';

/** A server that lives through one round after another. */
export type Admitted = Ward & {
  /** Of the original machine that runs now. */
  bootId: string;
  /** How often its own disk was booted. */
  boots: number;
};

const SETTLE_DEADLINE_MS = 120_000;
const BOOT_DEADLINE_MS = 90_000;

/** Creates a server on the first host, and waits until its guest has booted its own disk. */
export async function admit(cloud: ChaosCloud): Promise<Admitted> {
  const { client } = cloud.lifeboat;
  const imageRef = cloud.libvirt.images.boot.imageId;
  const begunAt = performance.now();
  const id = await client.createServer({ name: 'patient', imageRef, flavorRef: FLAVOR, host: cloud.hosts[0].name });
  const patient = new Patient(cloud, id);
  const observer = new GuestObserver(
    new Map(cloud.hosts.map((host) => [host.name, join(host.directoryOf(id), 'console.log')])),
  );
  const told = await patient.settled(SETTLE_DEADLINE_MS);
  if (told?.server.status !== 'ACTIVE') throw new Error(`a new server is ${told?.server.status ?? 'not there'}`);
  const boot = await observer.bootAfter(begunAt, BOOT_DEADLINE_MS);
  if (boot === null) throw new Error('a new server does not boot');
  return { cloud, patient, observer, bootId: boot.bootId, boots: boot.boots };
}

/** Deletes the server; what it leaves on either host. */
export async function discharge({ cloud, patient, observer }: Admitted): Promise<readonly string[]> {
  observer.stop();
  await patient.remove();
  const left = await Promise.all(
    cloud.hosts.map(async (host) => (await host.leftovers()).map((what) => `${host.name}: ${what}`)),
  );
  return left.flat();
}
