import { describe, expect, it } from 'vitest';
import { delay, diskFull, hostDown, lateEffect, losePower } from '../../adapters/simulated/simulated-faults.ts';
import { sourceFacts } from '../../application/source-facts.ts';
import { describeMigration, recordingListener, refusalOf, valueOf } from './hypervisor-driver.fixture.ts';
import { stagedMigration } from './simulated-migration.fixture.ts';
import { DESTINATION, SOURCE } from './simulated-pair.fixture.ts';

const fifthsOf = (total: number) => [0, 1, 2, 3, 4, 5].map((fifths) => Math.floor((total * fifths) / 5));

const path = (server: Awaited<ReturnType<typeof stagedMigration>>, name = '') =>
  `/var/lib/lifeboat/instances/${server.guest.instanceId}${name}`;

async function effectsOfOneRun(): Promise<readonly string[]> {
  const server = await stagedMigration();
  await server.migrate();
  return server.cloud.effects().map(({ at, host, effect, file }) => `${at} ${host} ${effect} ${file ?? ''}`);
}

describe('a simulated migration', () => {
  it('keeps the guest counting, but for the downtime', async () => {
    const server = await stagedMigration();
    await server.clock.advance(4000);
    const listener = recordingListener();
    const figures = valueOf(await server.migrate(listener));
    expect(figures).toEqual({ downtimeMs: 50, transferMs: 1050, memoryBytes: 134_217_728, diskBytes: 1_073_841_824 });
    expect(server.cloud.guest(SOURCE, server.guest.instanceId)).toMatchObject({ state: 'paused', ticks: 25 });
    await server.clock.advance(1000);
    const moved = server.cloud.guest(DESTINATION, server.guest.instanceId);
    expect(moved).toMatchObject({ state: 'running', persistent: true, bootId: server.bootId, ticks: 30 });
    expect(server.cloud.guest(SOURCE, server.guest.instanceId)).toMatchObject({ state: 'paused', ticks: 25 });
  });

  it('reports disks first, then memory, each rising to its total', async () => {
    const server = await stagedMigration();
    const listener = recordingListener();
    await server.migrate(listener);
    const memory = fifthsOf(134_217_728);
    const copied = fifthsOf(1_073_841_824);
    const whole = [1_073_841_824, 1_073_841_824, 1_073_841_824, 1_073_841_824, 1_073_841_824];
    expect(listener.progress.map((figures) => figures.diskProcessedBytes)).toEqual([...copied, ...whole]);
    expect(listener.progress.map((figures) => figures.memoryProcessedBytes)).toEqual([0, 0, 0, 0, 0, ...memory]);
  });

  it('happens in the same order every time', async () => {
    const once = await effectsOfOneRun();
    expect(once.slice(-4).map((line) => line.split(' ')[2])).toEqual([
      'fileWritten',
      'handedOver',
      'memoryReceived',
      'takenOver',
    ]);
    expect(await effectsOfOneRun()).toEqual(once);
  });

  it('moves a paused guest as a paused one', async () => {
    const server = await stagedMigration();
    await server.clock.advance(1000);
    await server.source.pause(server.guest.instanceId);
    await server.clock.advance(1000);
    expect(server.cloud.guest(SOURCE, server.guest.instanceId)).toMatchObject({ state: 'paused', ticks: 5 });
    valueOf(await server.migrate());
    expect(server.cloud.guest(DESTINATION, server.guest.instanceId)).toMatchObject({
      state: 'paused',
      incoming: false,
      ticks: 5,
    });
    expect(server.where().running).toEqual([]);
  });
});

describe('a simulated migration in which something is missing', () => {
  it('says what libvirt says, and the source runs the guest', async () => {
    for (const file of ['kernel.rescue', 'ramdisk.rescue'] as const) {
      const server = await stagedMigration();
      await server.transfer.remove(DESTINATION, server.guest.instanceId, file);
      expect(refusalOf(await server.migrate())).toBe(
        `unable to stat: ${path(server, `/${file}`)}: No such file or directory`,
      );
      expect(server.where()).toEqual({ running: [SOURCE], incoming: false });
    }
    const server = await stagedMigration();
    await server.destination.clearDestination(server.migration);
    expect(refusalOf(await server.migrate())).toBe(
      `Storage pool not found: no storage pool with matching target path '${path(server)}'`,
    );
    expect(server.where()).toEqual({ running: [SOURCE], incoming: false });
  });

  it('notices a disk of another size, and a full one', async () => {
    const server = await stagedMigration();
    const { cloud, guest } = server;
    cloud.writeFile(cloud.host(DESTINATION), guest.instanceId, 'disk', { content: Buffer.of(), capacityBytes: 1 });
    expect(refusalOf(await server.migrate())).toBe(
      'operation failed: migration of disk vdb failed: Source and target image have different sizes',
    );
    await server.prepare();
    server.faults.next(SOURCE, 'migrateGuest:performing', diskFull(DESTINATION));
    expect(refusalOf(await server.migrate())).toContain('No space left on device');
    expect(server.where()).toEqual({ running: [SOURCE], incoming: false });
  });
});

describe('a simulated migration in which a host is lost', () => {
  it('stays on the source when the destination goes away during the copy', async () => {
    for (const lost of [hostDown(DESTINATION), losePower(DESTINATION)]) {
      const server = await stagedMigration();
      server.faults.next(SOURCE, 'migrateGuest:performing', lost);
      refusalOf(await server.migrate());
      expect(server.where()).toEqual({ running: [SOURCE], incoming: false });
      expect(await server.destination.inquire(server.guest.instanceId)).toMatchObject({ outcome: 'failed' });
    }
  });

  it('is unknown when the source goes away, or the destination after the hand-over', async () => {
    const lostSource = await stagedMigration();
    lostSource.faults.next(SOURCE, 'migrateGuest:performing', hostDown(SOURCE));
    expect(await lostSource.migrate()).toMatchObject({ outcome: 'unknown' });
    const lostDestination = await stagedMigration();
    lostDestination.faults.next(SOURCE, 'migrateGuest:finished', hostDown(DESTINATION));
    expect(await lostDestination.migrate()).toMatchObject({ outcome: 'unknown' });
    // Its daemon has given up the client it could not hear, and the incoming guest with it.
    expect(lostDestination.where()).toEqual({ running: [], incoming: false });
    // Asked again while the destination is still silent, it must not resume the source.
    expect(await lostDestination.migrate()).toMatchObject({ outcome: 'unknown' });
    expect(lostDestination.where()).toEqual({ running: [], incoming: false });
  });

  it('crashes running guests when a host loses its power, and keeps their files', async () => {
    const server = await stagedMigration();
    server.cloud.losePower(SOURCE);
    server.cloud.hostUp(SOURCE);
    expect(valueOf(await server.source.inquire(server.guest.instanceId))).toMatchObject({ power: 'crashed' });
    expect(server.cloud.files(SOURCE, server.guest.instanceId)?.has('disk')).toBe(true);
    valueOf(await server.source.restoreSource(server.migration));
    valueOf(await server.source.start(server.guest.instanceId));
    expect(server.cloud.guest(SOURCE, server.guest.instanceId)?.bootedFrom).toBe('disk.rescue');
  });

  it('lets a copy that died where it had arrived be cleared by the migration that brought it, and by no other', async () => {
    const server = await stagedMigration();
    const { source, destination, migration, guest } = server;
    valueOf(await server.migrate());
    server.cloud.losePower(DESTINATION);
    server.cloud.hostUp(DESTINATION);
    expect(valueOf(await destination.inquire(guest.instanceId))).toMatchObject({ power: 'crashed' });
    refusalOf(await destination.clearDestination(describeMigration(guest, true)));
    valueOf(await source.restoreSource(migration));
    valueOf(await destination.clearDestination(migration));
    expect(valueOf(await destination.inquire(guest.instanceId))).toEqual({ presence: 'absent' });
    expect(server.where()).toEqual({ running: [SOURCE], incoming: false });
  });
});

describe('a simulated guest under migration', () => {
  it('refuses power actions on the copy that waits for Confirm, which would make two', async () => {
    const server = await stagedMigration();
    valueOf(await server.migrate());
    const { source, guest, original } = server;
    refusalOf(await source.unpause(guest.instanceId));
    refusalOf(await source.start(guest.instanceId));
    refusalOf(await source.reboot(guest.instanceId, 'HARD'));
    refusalOf(await source.unrescue(guest.instanceId, original));
    refusalOf(await source.spawn(guest));
    expect(server.where()).toEqual({ running: [DESTINATION], incoming: false });
  });

  it('answers unknown to a second migration of it, and the first one goes on', async () => {
    const server = await stagedMigration();
    const first = server.source.migrateGuest(
      server.migration,
      server.destination,
      valueOf(await server.source.checkSource(server.migration)),
      recordingListener(),
    );
    await server.clock.advance(300);
    const other = describeMigration(server.guest, true);
    expect(
      await server.source.migrateGuest(
        other,
        server.destination,
        valueOf(await server.source.checkSource(other)),
        recordingListener(),
      ),
    ).toMatchObject({
      outcome: 'unknown',
    });
    refusalOf(await server.source.confirmSource(server.migration));
    await server.clock.runUntilIdle();
    valueOf(await first);
    expect(server.where()).toEqual({ running: [DESTINATION], incoming: false });
  });

  it('ends the copy at its next tick when the source is restored meanwhile', async () => {
    const server = await stagedMigration();
    const migrated = server.source.migrateGuest(
      server.migration,
      server.destination,
      valueOf(await server.source.checkSource(server.migration)),
      recordingListener(),
    );
    await server.clock.advance(300);
    valueOf(await server.source.restoreSource(server.migration));
    await server.clock.runUntilIdle();
    expect(refusalOf(await migrated)).toContain('canceled by client');
    expect(server.where()).toEqual({ running: [SOURCE], incoming: false });
  });

  it('shows what a Finish that lands late does to whoever resumes the source on a guess', async () => {
    const guessed = await stagedMigration();
    guessed.faults.next(SOURCE, 'migrateGuest:finished', lateEffect(10_000));
    const unknown = guessed.source.migrateGuest(
      guessed.migration,
      guessed.destination,
      valueOf(await guessed.source.checkSource(guessed.migration)),
      recordingListener(),
    );
    await guessed.clock.advance(2000);
    expect(await unknown).toMatchObject({ outcome: 'unknown' });
    expect(guessed.where()).toEqual({ running: [], incoming: true });
    valueOf(await guessed.source.restoreSource(guessed.migration));
    await guessed.clock.runUntilIdle();
    expect(guessed.cloud.mostRunningCopies(guessed.guest.instanceId)).toBe(2);
  });

  it('cannot be started late once the waiting guest was cleared away', async () => {
    const careful = await stagedMigration();
    careful.faults.next(SOURCE, 'migrateGuest:finished', delay(10_000));
    const migrated = careful.source.migrateGuest(
      careful.migration,
      careful.destination,
      valueOf(await careful.source.checkSource(careful.migration)),
      recordingListener(),
    );
    await careful.clock.advance(2000);
    valueOf(await careful.destination.clearDestination(careful.migration));
    valueOf(await careful.source.restoreSource(careful.migration));
    await careful.clock.runUntilIdle();
    refusalOf(await migrated);
    expect(careful.where()).toEqual({ running: [SOURCE], incoming: false });
    expect(careful.cloud.mostRunningCopies(careful.guest.instanceId)).toBe(1);
  });
});

describe('an adopted guest', () => {
  it('has a directory of its own, that its migration can no longer claim', async () => {
    const { cloud, destination, migration, migrate, source, guest } = await stagedMigration();
    const owner = () => cloud.host(DESTINATION).directories.get(guest.instanceId)?.ownerMigration;
    const facts = valueOf(await source.checkSource(migration));
    expect(owner()).toBe(migration.migrationId);
    valueOf(await migrate());
    valueOf(await source.confirmSource(migration));
    valueOf(await destination.adoptAtDestination(migration));
    expect(owner()).toBeNull();
    expect(refusalOf(await destination.prepareDestination(migration, facts))).toContain('already exists');
  });
});

describe('the pre-checks of the simulated hosts', () => {
  it('refuse shared storage, a full host, and a guest that is already there', async () => {
    const { source, destination, migration, cloud, guest } = await stagedMigration();
    const notShared = refusalOf(await sourceFacts(source, destination, { ...migration, blockMigration: false }));
    expect(notShared).toContain(`${SOURCE} is not on shared storage: `);
    const facts = valueOf(await source.checkSource({ ...migration, blockMigration: 'auto' }));
    expect(refusalOf(await destination.checkDestination(migration, { ...facts, memoryMiB: 65_537 }))).toContain(
      'Lack of memory(host:65536 <= instance:65537)',
    );
    cloud.host(DESTINATION).diskFull = true;
    expect(refusalOf(await destination.checkDestination(migration, facts))).toContain('Disk of instance is too large');
    expect(refusalOf(await source.checkDestination(migration, facts))).toContain(
      `already exists with uuid ${guest.instanceId}`,
    );
  });
});
