import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { imageId } from '../../domain/shared/ids.ts';
import {
  ABSENT,
  newRescuedServer,
  PAUSED,
  RESCUE_FILES,
  RUNNING,
  type OpenRescuedServer,
  type RescuedServer,
} from './hypervisor-driver-rescued-server.fixture.ts';
import { twice, valueOf, type OpenPair } from './hypervisor-driver.fixture.ts';
import { arrivalStages, migrationStages, preparationStages } from './hypervisor-driver-rescued-migration.contract.ts';

export function rescuedServerStages(open: OpenPair): void {
  describe('a server that is rescued, migrated and unrescued', () => {
    let server: RescuedServer | null = null;
    beforeAll(() => {
      server = newRescuedServer(open());
    });
    const opened = (): RescuedServer => {
      if (server === null) throw new Error('the server is not described');
      return server;
    };
    lifecycleStages(opened);
    rescueStages(opened);
    preparationStages(opened);
    migrationStages(opened);
    arrivalStages(opened);
    unrescueStages(opened);
  });
}

function lifecycleStages(open: OpenRescuedServer): void {
  it('spawns once, however often it is told', async () => {
    const { pair, guest, source } = open();
    valueOf(await source.spawn(guest));
    const first = await pair.listen(source.host, guest.instanceId);
    expect(first).toMatchObject({ bootedFrom: 'disk', diskBoots: 1 });
    valueOf(await source.spawn(guest));
    expect((await pair.listen(source.host, guest.instanceId)).bootId).toBe(first.bootId);
    expect(valueOf(await source.inquire(guest.instanceId))).toEqual(RUNNING);
    expect(await pair.files(source.host, guest.instanceId)).toEqual(
      expect.arrayContaining(['disk', 'kernel', 'ramdisk']),
    );
    open().lastVoice = first;
  });

  it('pauses and goes on', async () => {
    const { pair, guest, source, lastVoice } = open();
    await twice(() => source.pause(guest.instanceId));
    expect(valueOf(await source.inquire(guest.instanceId))).toEqual(PAUSED);
    await twice(() => source.unpause(guest.instanceId));
    expect(valueOf(await source.inquire(guest.instanceId))).toEqual(RUNNING);
    expect((await pair.listen(source.host, guest.instanceId)).bootId).toBe(lastVoice.bootId);
  });

  it('reboots from the same disk', async () => {
    const { pair, guest, source, lastVoice } = open();
    valueOf(await source.reboot(guest.instanceId, 'HARD'));
    const rebooted = await pair.listen(source.host, guest.instanceId);
    expect(rebooted).toMatchObject({ bootedFrom: 'disk', diskBoots: 2 });
    expect(rebooted.bootId).not.toBe(lastVoice.bootId);
    open().lastVoice = rebooted;
    open().diskBoots = rebooted.diskBoots;
  });
}

function rescueStages(open: OpenRescuedServer): void {
  it('captures the original definition and changes nothing', async () => {
    const { pair, guest, source, lastVoice } = open();
    const first = valueOf(await source.captureDefinition(guest.instanceId));
    expect(first.sha256).toBe(createHash('sha256').update(first.definition).digest('hex'));
    expect(valueOf(await source.captureDefinition(guest.instanceId))).toEqual(first);
    expect((await pair.listen(source.host, guest.instanceId)).bootId).toBe(lastVoice.bootId);
    open().original = first;
  });

  it('leaves the guest as it was when a rescue image does not exist', async () => {
    const { pair, guest, source, original, lastVoice } = open();
    const missing = { ...pair.rescueImages, kernelId: imageId(crypto.randomUUID()) };
    expect(await source.rescue(guest, missing, original)).toMatchObject({ outcome: 'failed', guestAffected: false });
    expect((await pair.listen(source.host, guest.instanceId)).bootId).toBe(lastVoice.bootId);
  });

  it('rescues once, however often it is told', async () => {
    const { pair, guest, source, original } = open();
    expect(await source.rescue(guest, pair.rescueImages, original)).toEqual({ outcome: 'succeeded', value: null });
    const rescued = await pair.listen(source.host, guest.instanceId);
    expect(rescued.bootedFrom).toBe('disk.rescue');
    expect(await source.rescue(guest, pair.rescueImages, original)).toEqual({ outcome: 'succeeded', value: null });
    expect((await pair.listen(source.host, guest.instanceId)).bootId).toBe(rescued.bootId);
    expect(await pair.files(source.host, guest.instanceId)).toEqual(expect.arrayContaining(RESCUE_FILES));
    open().lastVoice = rescued;
  });

  it('keeps the original definition in unrescue.xml, and still gives it when asked', async () => {
    const { pair, guest, source, original } = open();
    const opened = await pair.transfer.open(source.host, guest.instanceId, 'unrescue.xml');
    if (opened.answer !== 'found') throw new Error(`unrescue.xml: ${opened.answer}`);
    const text = await textOf(opened.content.bytes);
    expect(text).toBe(original.definition);
    expect(valueOf(await source.captureDefinition(guest.instanceId))).toEqual(original);
  });
}

function unrescueStages(open: OpenRescuedServer): void {
  it('boots the original machine with its own disk on the new host', async () => {
    const { pair, guest, destination, original, lastVoice, diskBoots } = open();
    valueOf(await destination.unrescue(guest.instanceId, original));
    const unrescued = await pair.listen(destination.host, guest.instanceId);
    expect(unrescued).toMatchObject({ bootedFrom: 'disk', diskBoots: diskBoots + 1 });
    expect(unrescued.bootId).not.toBe(lastVoice.bootId);
    valueOf(await destination.unrescue(guest.instanceId, original));
    expect((await pair.listen(destination.host, guest.instanceId)).bootId).toBe(unrescued.bootId);
    const files = await pair.files(destination.host, guest.instanceId);
    expect(files?.filter((name) => RESCUE_FILES.includes(name))).toEqual([]);
  });

  it('destroys guest and files', async () => {
    const { pair, guest, destination } = open();
    await twice(() => destination.destroy(guest.instanceId));
    expect(valueOf(await destination.inquire(guest.instanceId))).toEqual(ABSENT);
    expect(await pair.files(destination.host, guest.instanceId)).toBeNull();
  });
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
