import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  corruptOnWrite,
  notFound,
  truncated,
  failBefore,
  type Fault,
} from '../../adapters/simulated/simulated-faults.ts';
import type { DomainEvent } from '../../application/ports/event-store.ts';
import type { StagedArtifact } from '../../domain/migration/saga-events.ts';
import { HOST_A, HOST_B, IMAGES } from '../support/saga-world.ts';
import { expectWholeOn, migrationOf, rescuedServer, type RescuedServer } from './rescued-server.fixture.ts';

/** Before Prepare, and while the incoming guest is started. */
function artifactsOf(event: DomainEvent): readonly StagedArtifact[] {
  if (event.type === 'PhaseReached') return event.artifacts;
  return event.type === 'StepSucceeded' && event.result.step === 'stageArtifacts' ? event.result.artifacts : [];
}

/** Name and origin of what was staged, as the log tells. */
async function originsOf({ world, process, instanceId }: RescuedServer): Promise<Readonly<Record<string, string>>> {
  const stream = `migrationSaga-${migrationOf(process, instanceId).migrationId}` as const;
  const staged = (await world.eventStore.readStream(stream)).flatMap(({ data }) => artifactsOf(data));
  return Object.fromEntries(staged.map(({ name, origin }) => [name, origin]));
}

const FROM_IMAGES = {
  'unrescue.xml': 'sourceHost',
  'kernel.rescue': 'imageService',
  'ramdisk.rescue': 'imageService',
  kernel: 'imageService',
  ramdisk: 'imageService',
};

const definitionOn = ({ world, instanceId }: RescuedServer, host = HOST_A) =>
  Buffer.from(world.cloud.host(host).directories.get(instanceId)?.files.get('unrescue.xml')?.content ?? '').toString();

describe('the artifacts of a rescued server', () => {
  it('come from the image service, and its original definition from the source host', async () => {
    const server = await rescuedServer();
    await server.migrate();
    expect(await originsOf(server)).toEqual(FROM_IMAGES);
    await expectWholeOn(server, HOST_B);
  });

  it('are recorded with their size and hash', async () => {
    const server = await rescuedServer();
    const before = server.world.cloud.files(HOST_A, server.instanceId);
    await server.migrate();
    const stream = `migrationSaga-${migrationOf(server.process, server.instanceId).migrationId}` as const;
    const staged = (await server.world.eventStore.readStream(stream)).flatMap(({ data }) => artifactsOf(data));
    expect(staged).toHaveLength(Object.keys(FROM_IMAGES).length);
    for (const { name, bytes, sha256 } of staged) {
      expect({ name, bytes, sha256 }).toEqual({
        name,
        bytes: before?.get(name)?.bytes,
        sha256: before?.get(name)?.sha256,
      });
    }
  });

  it('come from the source host when the image is gone', async () => {
    const server = await rescuedServer();
    server.world.images.script(IMAGES.rescueKernel, { fault: 'imageNotFound' });
    server.world.images.script(IMAGES.stockRamdisk, { fault: 'imageNotFound' });
    await server.migrate();
    expect(await originsOf(server)).toEqual({
      ...FROM_IMAGES,
      'kernel.rescue': 'sourceHost',
      ramdisk: 'sourceHost',
    });
    await expectWholeOn(server, HOST_B);
  });
});

describe('a migration fails, and says why, when', () => {
  const broken: readonly [string, (server: RescuedServer) => void, RegExp][] = [
    [
      'the image service is broken, although the source host has the file',
      ({ world }) => world.images.script(IMAGES.rescueKernel, { fault: 'failed', reason: '503 Service Unavailable' }),
      /^kernel\.rescue: the image service failed for .*: 503 Service Unavailable$/,
    ],
    ['the image service is away', ({ world }) => world.images.setOutage('refused'), /the image service failed/],
    [
      'the image breaks off',
      ({ world }) => world.images.script(IMAGES.rescueKernel, { fault: 'cut', afterBytes: 1000 }),
      /^kernel\.rescue: .*the connection broke after 1000 bytes/,
    ],
    [
      'neither the image service nor the source host has it',
      ({ world }) => {
        world.images.script(IMAGES.rescueRamdisk, { fault: 'imageNotFound' });
        world.faults.next(HOST_A, 'open', notFound());
        world.faults.next(HOST_A, 'open', notFound());
      },
      /^ramdisk\.rescue: neither the image service nor compute-a has it$/,
    ],
    [
      'the source host can not be read',
      ({ world }) => {
        world.images.script(IMAGES.rescueRamdisk, { fault: 'imageNotFound' });
        world.faults.next(HOST_A, 'open', failBefore('permission denied'));
        world.faults.next(HOST_A, 'open', failBefore('permission denied'));
      },
      /^ramdisk\.rescue: compute-a could not be read: permission denied$/,
    ],
    [
      'the disk corrupts it',
      ({ world }) => world.faults.next(HOST_B, 'write', corruptOnWrite()),
      /differs from what was written/,
    ],
    [
      'the upload is cut',
      ({ world }) => world.faults.next(HOST_B, 'write', truncated()),
      /differs from what was written/,
    ],
  ];
  it.each(broken)('%s', async (_name, breakIt, reason) => {
    const server = await rescuedServer();
    breakIt(server);
    await server.migrate();
    const row = migrationOf(server.process, server.instanceId);
    // What was written wrongly is noticed when it is read back, which is before the guest's memory is copied.
    const failedStep = reason.source.startsWith('differs') ? 'migrateGuest' : 'stageArtifacts';
    expect(row).toMatchObject({ status: 'failed', saga: { phase: 'rolledBack', failedStep } });
    expect(row.reason).toMatch(reason);
    server.world.images.setOutage(null);
    await expectWholeOn(server, HOST_A);
  });
});

describe('unrescue.xml is taken from the log when the source host', () => {
  const faults: readonly [string, Fault | string | null][] = [
    ['has lost it', null],
    ['has another one', '{"name":"intruder"}\n'],
    ['has a longer one', 'x'.repeat(100_000)],
    ['has an empty one', ''],
    ['breaks off', truncated()],
    ['cannot be read', failBefore('permission denied')],
  ];
  it.each(faults)('%s', async (_name, fault) => {
    const server = await rescuedServer();
    const recorded = definitionOn(server);
    const { files } = server.world.cloud.host(HOST_A).directories.get(server.instanceId) ?? { files: new Map() };
    if (fault === null) files.delete('unrescue.xml');
    else if (typeof fault !== 'string') server.world.faults.next(HOST_A, 'open', fault);
    else files.set('unrescue.xml', { content: Buffer.from(fault), capacityBytes: fault.length });
    await server.migrate();
    expect(await originsOf(server)).toEqual({ ...FROM_IMAGES, 'unrescue.xml': 'eventLog' });
    expect(definitionOn(server, HOST_B)).toBe(recorded);
    expect(server.world.cloud.files(HOST_B, server.instanceId)?.get('unrescue.xml')?.sha256).toBe(
      createHash('sha256').update(recorded).digest('hex'),
    );
    await expectWholeOn(server, HOST_B);
  });
});
