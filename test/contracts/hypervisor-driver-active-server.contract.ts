import { beforeAll, describe, expect, it } from 'vitest';
import type {
  GuestDescription,
  HypervisorDriver,
  MigrationDescription,
  SourceFacts,
} from '../../application/ports/hypervisor-driver.ts';
import {
  describeMigration,
  prepareAndStage,
  recordingListener,
  refusalOf,
  twice,
  valueOf,
  type HypervisorPair,
  type OpenPair,
} from './hypervisor-driver.fixture.ts';

const RUNNING = { presence: 'present', power: 'running', incoming: false };
const ABSENT = { presence: 'absent' };

type Server = {
  readonly pair: HypervisorPair;
  readonly guest: GuestDescription;
  readonly source: HypervisorDriver;
  readonly destination: HypervisorDriver;
  readonly migration: MigrationDescription;
};
type OpenServer = () => Server;

export function activeServerStages(open: OpenPair): void {
  describe('a server that is not rescued', () => {
    let server: Server | null = null;
    beforeAll(() => {
      const pair = open();
      const guest = pair.newGuest();
      const [source, destination] = [pair.driver(pair.hosts[0]), pair.driver(pair.hosts[1])];
      server = { pair, guest, source, destination, migration: describeMigration(guest, false) };
    });
    const opened = (): Server => {
      if (server === null) throw new Error('the server is not described');
      return server;
    };
    powerStages(opened);
    interruptedStage(opened);
    abortedStage(opened);
    forcedStage(opened);
    lostUnrescueFileStage(opened);
  });
}

function powerStages(open: OpenServer): void {
  it('stops and starts from the same disk', async () => {
    const { pair, guest, source, migration } = open();
    valueOf(await source.spawn(guest));
    await pair.listen(source.host, guest.instanceId);
    await twice(() => source.stop(guest.instanceId));
    expect(valueOf(await source.inquire(guest.instanceId))).toEqual({ ...RUNNING, power: 'shutdown' });
    refusalOf(await source.pause(guest.instanceId));
    refusalOf(await source.checkSource(migration));
    await twice(() => source.start(guest.instanceId));
    expect(valueOf(await source.inquire(guest.instanceId))).toEqual(RUNNING);
    // It waits for no confirmation: a stray one must not take the only copy away.
    refusalOf(await source.confirmSource(migration));
    const started = await pair.listen(source.host, guest.instanceId);
    expect(started).toMatchObject({ bootedFrom: 'disk', diskBoots: 2 });
  });
}

function interruptedStage(open: OpenServer): void {
  it('stays on the source when a phase could not be recorded', async () => {
    const { pair, guest, source, destination, migration } = open();
    const before = await pair.listen(source.host, guest.instanceId);
    const facts = valueOf(await source.checkSource(migration));
    expect(facts.disks.map(({ fileName }) => fileName)).toEqual(['disk']);
    await prepareAndStage(pair, migration, facts);
    const listener = recordingListener(async (phase) => {
      if (phase === 'performing') throw new Error('the log is full');
    });
    expect(
      refusalOf(
        await source.migrateGuest(migration, destination, valueOf(await source.checkSource(migration)), listener),
      ),
    ).toContain('the log is full');
    expect(listener.phases).toEqual(['begun', 'prepared', 'performing']);
    await twice(() => source.restoreSource(migration));
    expect(valueOf(await source.inquire(guest.instanceId))).toEqual(RUNNING);
    expect((await pair.listen(source.host, guest.instanceId)).bootId).toBe(before.bootId);
    await twice(() => destination.clearDestination(migration));
    expect(valueOf(await destination.inquire(guest.instanceId))).toEqual(ABSENT);
    expect(await pair.files(destination.host, guest.instanceId)).toBeNull();
  });
}

function abortedStage(open: OpenServer): void {
  it('runs on the source again after it was made to stand still and then aborted, by another process', async () => {
    const { pair, guest, source, destination, migration } = open();
    const before = await pair.listen(source.host, guest.instanceId);
    const operator = pair.driverOfAnotherProcess(source.host);
    await prepareAndStage(pair, migration, valueOf(await source.checkSource(migration)));
    refusalOf(await operator.forceComplete(migration));
    const other = describeMigration(guest, false);
    const seen: unknown[] = [];
    const listener = recordingListener(async (phase) => {
      if (phase !== 'performing') return;
      // Another migration's levers move nothing here.
      refusalOf(await operator.forceComplete(other));
      valueOf(await operator.abortMigration(other));
      seen.push(valueOf(await source.inquire(guest.instanceId)));
      await twice(() => operator.forceComplete(migration));
      seen.push(valueOf(await source.inquire(guest.instanceId)));
      await twice(() => operator.abortMigration(migration));
    });
    expect(
      refusalOf(
        await source.migrateGuest(migration, destination, valueOf(await source.checkSource(migration)), listener),
      ),
    ).toContain('canceled by client');
    expect(seen).toEqual([RUNNING, { ...RUNNING, power: 'paused' }]);
    await twice(() => operator.restoreSource(migration));
    expect(valueOf(await source.inquire(guest.instanceId))).toEqual(RUNNING);
    expect((await pair.listen(source.host, guest.instanceId)).bootId).toBe(before.bootId);
    await twice(() => source.abortMigration(migration));
    refusalOf(await source.forceComplete(migration));
    expect(valueOf(await source.inquire(guest.instanceId))).toEqual(RUNNING);
    await twice(() => destination.clearDestination(migration));
  });
}

function forcedStage(open: OpenServer): void {
  it('moves to the other host, and runs there though it was made to stand still for it', async () => {
    const { pair, guest, source, destination, migration } = open();
    const before = await pair.listen(source.host, guest.instanceId);
    const facts: SourceFacts = valueOf(await source.checkSource(migration));
    valueOf(await destination.checkDestination(migration, facts));
    await prepareAndStage(pair, migration, facts);
    const listener = recordingListener(async (phase) => {
      if (phase === 'performing') valueOf(await source.forceComplete(migration));
    });
    valueOf(await source.migrateGuest(migration, destination, valueOf(await source.checkSource(migration)), listener));
    // The copy has ended: there is nothing left to force or to stop.
    await twice(() => source.abortMigration(migration));
    expect(valueOf(await destination.inquire(guest.instanceId))).toEqual(RUNNING);
    valueOf(await source.confirmSource(migration));
    valueOf(await destination.adoptAtDestination(migration));
    valueOf(await source.clearSource(guest.instanceId));
    const moved = await pair.listen(destination.host, guest.instanceId);
    expect(moved.bootId).toBe(before.bootId);
    expect(moved.ticks).toBeGreaterThan(before.ticks);
    expect(valueOf(await source.inquire(guest.instanceId))).toEqual(ABSENT);
    expect(await pair.files(source.host, guest.instanceId)).toBeNull();
    expect(await pair.files(destination.host, guest.instanceId)).toEqual(
      expect.arrayContaining(['disk', 'kernel', 'ramdisk']),
    );
  });
}

function lostUnrescueFileStage(open: OpenServer): void {
  it('is rescued where it has come to, and unrescued from the record when unrescue.xml is lost', async () => {
    const { pair, guest, destination } = open();
    const original = valueOf(await destination.captureDefinition(guest.instanceId));
    expect(await destination.rescue(guest, pair.rescueImages, original)).toMatchObject({ outcome: 'succeeded' });
    expect((await pair.listen(destination.host, guest.instanceId)).bootedFrom).toBe('disk.rescue');
    await twice(() => pair.transfer.remove(destination.host, guest.instanceId, 'unrescue.xml'));
    valueOf(await destination.unrescue(guest.instanceId, original));
    const unrescued = await pair.listen(destination.host, guest.instanceId);
    expect(unrescued).toMatchObject({ bootedFrom: 'disk', diskBoots: 3 });
    valueOf(await destination.destroy(guest.instanceId));
    expect(await pair.files(destination.host, guest.instanceId)).toBeNull();
  });
}
