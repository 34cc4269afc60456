import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve, type Served } from '../../adapters/main/serve.ts';
import type { GuestVoice } from '../contracts/hypervisor-driver.fixture.ts';
import { ComputeClient, NEWEST_UPSTREAM } from '../support/compute-client.ts';
import { labConfiguration } from './lab-configuration.ts';
import { LibvirtLab, whyNoLab } from './libvirt-lab.fixture.ts';
import { logInto, type LogLine } from './log-lines.ts';
import { ServerUnderTest } from './server-under-test.fixture.ts';

const SET_UP_DEADLINE_MS = 120_000;
const [A, B] = ['lab-a', 'lab-b'];

const reason = await whyNoLab('test/end-to-end/rescued-migration.lab.spec.ts');

// One server's story, told in order: when a step fails, read the first failure.
describe.skipIf(reason !== null)('a rescued server on two libvirt hosts, over HTTP', () => {
  const lines: LogLine[] = [];
  let lab: LibvirtLab;
  let served: Served;
  let server: ServerUnderTest;
  let rescued: GuestVoice;

  beforeAll(async () => {
    lab = await LibvirtLab.start();
    served = await serve(labConfiguration(lab), logInto(lines));
  }, SET_UP_DEADLINE_MS);

  afterAll(async () => {
    await served.stop();
    await lab.stop();
  }, SET_UP_DEADLINE_MS);

  it('is created and boots its own disk', async () => {
    server = await ServerUnderTest.create(new ComputeClient(served.url), lab, A);
    const { boot } = await lab.hear(A, server.id);
    expect(boot).toMatchObject({ role: 'orig', boots: 1, data: lab.images.originalDataSha256, marker: 'stock' });
  });

  it('is rescued, with its own disk as the second one', async () => {
    await server.rescue(lab);
    const { voice, boot } = await lab.hear(A, server.id);
    expect(boot).toMatchObject({ role: 'rescue', second: 'orig', secondData: lab.images.originalDataSha256 });
    expect(boot.marker).toBe('rescue-ramdisk');
    rescued = voice;
  });

  it('is not migrated at the microversion before', async () => {
    expect(await server.askMigration(B, NEWEST_UPSTREAM)).toMatchObject({ status: 409 });
  });

  it('moves while it is rescued: the same boot goes on counting, and nothing stays behind', async () => {
    const { migration, server: moved } = await server.migrate(B);
    expect(migration).toMatchObject({ status: 'completed', source_compute: A, dest_compute: B });
    expect(moved.host).toBe(B);
    await expectArrived(A, B);
  });

  it('moves back to where it came from', async () => {
    const { migration, server: moved } = await server.migrate(A);
    expect(migration).toMatchObject({ status: 'completed', source_compute: B, dest_compute: A });
    expect(moved.host).toBe(A);
    await expectArrived(B, A);
  });

  it('moves once more, and is unrescued there: the original machine, its disk, its second boot', async () => {
    await server.migrate(B);
    await expectArrived(A, B);
    await server.unrescue();
    const { boot } = await lab.hear(B, server.id);
    expect(boot).toMatchObject({ role: 'orig', second: null, boots: 2, data: lab.images.originalDataSha256 });
    expect(boot.marker).toBe('stock');
    expect(await lab.files(B, server.id)).toEqual(['console.log', 'disk', 'kernel', 'ramdisk']);
  });

  it('is deleted without a trace on either host', async () => {
    await server.delete();
    for (const host of [A, B]) {
      expect(await lab.files(host, server.id)).toBeNull();
      expect(lab.emulators(host)).toBe(0);
    }
    expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  async function expectArrived(from: string, to: string): Promise<void> {
    const voice = await lab.listen(to, server.id);
    expect(voice).toMatchObject({ bootId: rescued.bootId, bootedFrom: 'disk.rescue', diskBoots: 1 });
    expect(voice.ticks).toBeGreaterThan(rescued.ticks);
    rescued = voice;
    expect(await lab.files(from, server.id)).toBeNull();
    expect(lab.emulators(from)).toBe(0);
    expect(lab.emulators(to)).toBe(1);
  }
});
