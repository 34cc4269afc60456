import { open, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { STORAGE_VOL_DOWNLOAD } from '../../../adapters/libvirt/rpc/storage-procedures.ts';
import type { RelayedFrame } from './libvirt-relay.ts';
import { fillUp, freeUp } from './small-file-system.ts';
import { lasting, NOTHING_TO_HEAL, type Strike } from './struck-cloud.ts';

/** kernel.rescue, ramdisk.rescue, then unrescue.xml, kernel, ramdisk: each is read back once. */
const ARTIFACTS = 5;
const TRUNCATED = 0.5;

/** The disk of the destination has no room for one block more. */
export const fillDestinationDisk: Strike = async ({ route }) => {
  await route.destination.fillDisk();
  return lasting(() => route.destination.freeDisk());
};

/**
 * While artifacts are staged: the file is damaged after it was written and before it is read back. Later, what is
 * damaged is the definition that unrescue needs, which the event log has too.
 */
export const damageArtifact: Strike = async ({ route, server }, { phase, variant }) => {
  const { destination } = route;
  const directory = destination.directoryOf(server);
  if (phase !== 'staging') {
    await damage(join(directory, 'unrescue.xml'), variant);
    return NOTHING_TO_HEAL;
  }
  let left = Math.floor(variant * ARTIFACTS);
  destination.relay.holdCall = async ({ kind, procedure, payload }: RelayedFrame): Promise<void> => {
    if (kind !== 'call' || procedure !== STORAGE_VOL_DOWNLOAD.number) return;
    if (left === 0)
      await damage(pathIn(payload, directory, `${route.destination.lab.facts.instancesPath}/${server}`), variant);
    left -= 1;
  };
  return lasting(async () => {
    destination.relay.holdCall = null;
  });
};

/** Another process holds the only write lock of the database. */
export const lockStore: Strike = async ({ cloud }) => {
  const database = new DatabaseSync(cloud.eventStorePath, { timeout: 5000 });
  database.exec('BEGIN IMMEDIATE');
  return lasting(async () => {
    database.exec('ROLLBACK');
    database.close();
  });
};

/** The file system of the event store is full; the write-ahead log is cut first, for it may hold old pages to write over. */
export const fillStore: Strike = async ({ cloud }) => {
  const database = new DatabaseSync(cloud.eventStorePath, { timeout: 5000 });
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  await fillUp(cloud.store.path);
  return lasting(() => freeUp(cloud.store.path));
};

export const breakImageService: Strike = async ({ cloud }, { variant }) => {
  const faults = [
    { fault: 'status', on: 'data', status: 503 },
    { fault: 'status', on: 'describe', status: 500 },
    { fault: 'cut' },
    { fault: 'short' },
  ] as const;
  cloud.glance.script(faults[Math.floor(variant * faults.length)] ?? null);
  return lasting(async () => cloud.glance.script(null));
};

export const slowImageService: Strike = async ({ cloud }, { holdMs }) => {
  cloud.glance.script({ fault: 'slow', milliseconds: holdMs });
  return lasting(async () => cloud.glance.script(null));
};

/** The path that a request names, as it is seen from outside of the host. */
function pathIn(payload: Buffer, outside: string, inside: string): string {
  const text = payload.toString('latin1');
  const start = text.indexOf(`${inside}/`);
  const name = /^[a-z.]+/.exec(text.slice(start + inside.length + 1))?.[0] ?? '';
  return join(outside, name);
}

/** One bit is another one, or the second half is missing. A file that is not there cannot be damaged. */
async function damage(path: string, variant: number): Promise<void> {
  const size = (await stat(path).catch(() => null))?.size ?? 0;
  if (size === 0) return;
  const fraction = (variant * 1000) % 1;
  if (fraction < TRUNCATED) return truncate(path, Math.floor(size / 2));
  const file = await open(path, 'r+');
  try {
    const place = Math.floor(fraction * size);
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, place);
    byte[0] = (byte[0] ?? 0) ^ 1;
    await file.write(byte, 0, 1, place);
  } finally {
    await file.close();
  }
}
