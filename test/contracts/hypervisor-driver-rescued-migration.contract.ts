import { expect, it } from 'vitest';
import {
  ABSENT,
  PAUSED,
  RESCUE_FILES,
  RUNNING,
  type OpenRescuedServer,
} from './hypervisor-driver-rescued-server.fixture.ts';
import { prepareAndStage, recordingListener, refusalOf, twice, valueOf } from './hypervisor-driver.fixture.ts';

export function preparationStages(open: OpenRescuedServer): void {
  it('names both disks of the rescued guest as the ones to copy', async () => {
    const { guest, source, migration } = open();
    const facts = await twice(() => source.checkSource(migration));
    expect(facts.disks.map(({ fileName }) => fileName).toSorted()).toEqual(['disk', 'disk.rescue']);
    expect(facts.disks.every(({ capacityBytes }) => capacityBytes > 0)).toBe(true);
    expect(new Set(facts.disks.map(({ targetDevice }) => targetDevice)).size).toBe(2);
    expect(facts.memoryMiB).toBe(guest.flavor.ramMiB);
    open().facts = facts;
  });

  it('checks the destination without creating anything there', async () => {
    const { pair, guest, destination, migration, facts } = open();
    await twice(() => destination.checkDestination(migration, facts));
    expect(await pair.files(destination.host, guest.instanceId)).toBeNull();
    expect(valueOf(await destination.inquire(guest.instanceId))).toEqual(ABSENT);
  });

  it('prepares the destination once, and fails to migrate there while the rescue kernel is missing', async () => {
    const { pair, guest, source, destination, migration, facts, lastVoice } = open();
    await twice(() => destination.prepareDestination(migration, facts));
    expect(await pair.files(destination.host, guest.instanceId)).not.toBeNull();
    refusalOf(
      await source.migrateGuest(
        migration,
        destination,
        valueOf(await source.checkSource(migration)),
        recordingListener(),
      ),
    );
    await twice(() => source.restoreSource(migration));
    expect(valueOf(await source.inquire(guest.instanceId))).toEqual(RUNNING);
    expect((await pair.listen(source.host, guest.instanceId)).bootId).toBe(lastVoice.bootId);
  });

  it('clears what it has prepared', async () => {
    const { pair, guest, destination, migration } = open();
    await twice(() => destination.clearDestination(migration));
    expect(await pair.files(destination.host, guest.instanceId)).toBeNull();
    expect(valueOf(await destination.inquire(guest.instanceId))).toEqual(ABSENT);
  });
}

export function migrationStages(open: OpenRescuedServer): void {
  it('moves the running guest and keeps its copy on the source paused', async () => {
    const { pair, guest, source, destination, migration, facts } = open();
    await prepareAndStage(pair, migration, facts);
    open().lastVoice = await pair.listen(source.host, guest.instanceId);
    const seen: unknown[] = [];
    const listener = recordingListener(async (phase) => {
      if (phase !== 'performing') return;
      seen.push(valueOf(await source.inquire(guest.instanceId)), valueOf(await destination.inquire(guest.instanceId)));
    });
    const figures = valueOf(
      await source.migrateGuest(migration, destination, valueOf(await source.checkSource(migration)), listener),
    );
    expect(listener.phases).toEqual(['begun', 'prepared', 'performing']);
    expect(seen).toEqual([RUNNING, expect.objectContaining({ presence: 'present', incoming: true })]);
    expect(valueOf(await source.inquire(guest.instanceId))).toEqual(PAUSED);
    expect(valueOf(await destination.inquire(guest.instanceId))).toEqual(RUNNING);
    for (const figure of Object.values(figures)) expect(figure ?? 0).toBeGreaterThanOrEqual(0);
    expectSteadyProgress(listener.progress);
  });

  it('says so again when told to migrate a guest that has moved', async () => {
    const { guest, source, destination, migration } = open();
    valueOf(
      await source.migrateGuest(
        migration,
        destination,
        valueOf(await source.checkSource(migration)),
        recordingListener(),
      ),
    );
    expect(valueOf(await source.inquire(guest.instanceId))).toEqual(PAUSED);
    expect(valueOf(await destination.inquire(guest.instanceId))).toEqual(RUNNING);
  });

  it('clears neither the host that runs the guest nor the one that still has it defined', async () => {
    const { pair, guest, source, destination, migration } = open();
    refusalOf(await destination.clearDestination(migration));
    refusalOf(await source.clearSource(guest.instanceId));
    expect(valueOf(await destination.inquire(guest.instanceId))).toEqual(RUNNING);
    for (const host of pair.hosts) {
      expect(await pair.files(host, guest.instanceId)).toEqual(expect.arrayContaining(['disk', ...RESCUE_FILES]));
    }
  });
}

export function arrivalStages(open: OpenRescuedServer): void {
  it('lets the source copy go, but not its files', async () => {
    const { pair, guest, source, destination, migration } = open();
    await twice(() => source.confirmSource(migration));
    expect(valueOf(await source.inquire(guest.instanceId))).toEqual(ABSENT);
    expect(valueOf(await destination.inquire(guest.instanceId))).toEqual(RUNNING);
    expect(await pair.files(source.host, guest.instanceId)).toContain('disk');
  });

  it('adopts the guest, which runs on as if nothing had been', async () => {
    const { pair, guest, destination, migration, lastVoice } = open();
    await twice(() => destination.adoptAtDestination(migration));
    const moved = await pair.listen(destination.host, guest.instanceId);
    expect(moved).toMatchObject({ bootId: lastVoice.bootId, bootedFrom: 'disk.rescue' });
    expect(moved.ticks).toBeGreaterThan(lastVoice.ticks);
    refusalOf(await destination.clearDestination(migration));
  });

  it('does not harm an arrived guest when its preparation is repeated late', async () => {
    const { pair, guest, destination, migration, facts, lastVoice } = open();
    const before = await pair.files(destination.host, guest.instanceId);
    // Refused or found done: either will do. That the disks keep their content is seen when they are booted below.
    await destination.prepareDestination(migration, facts);
    expect(await pair.files(destination.host, guest.instanceId)).toEqual(before);
    expect((await pair.listen(destination.host, guest.instanceId)).bootId).toBe(lastVoice.bootId);
  });

  it('leaves nothing on the source', async () => {
    const { pair, guest, source, destination } = open();
    await twice(() => source.clearSource(guest.instanceId));
    expect(await pair.files(source.host, guest.instanceId)).toBeNull();
    expect(valueOf(await destination.inquire(guest.instanceId))).toEqual(RUNNING);
  });
}

/** Parts add up to their totals. Memory may be sent more than once, so only the disks' part never shrinks. */
function expectSteadyProgress(progress: ReturnType<typeof recordingListener>['progress']): void {
  expect(progress.length).toBeGreaterThan(0);
  let diskProcessedBefore = 0;
  for (const figures of progress) {
    for (const figure of Object.values(figures)) expect(figure).toBeGreaterThanOrEqual(0);
    expect(figures.diskProcessedBytes + figures.diskRemainingBytes).toBe(figures.diskTotalBytes);
    expect(figures.memoryRemainingBytes).toBeLessThanOrEqual(figures.memoryTotalBytes);
    expect(figures.diskProcessedBytes).toBeGreaterThanOrEqual(diskProcessedBefore);
    diskProcessedBefore = figures.diskProcessedBytes;
  }
}
