import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LibvirtVolumeArtifactTransfer } from '../../adapters/artifacts/libvirt-volume-artifact-transfer.ts';
import { LibvirtHost } from '../../adapters/libvirt/libvirt-host.ts';
import { migrationProgress } from '../../adapters/libvirt/migration-progress.ts';
import type { MigrationProgress } from '../../application/ports/hypervisor-driver.ts';
import { instanceId } from '../../domain/shared/ids.ts';
import { valueOf, type GuestVoice } from '../contracts/hypervisor-driver.fixture.ts';
import { readGuestConsole } from '../lab/guest-console.ts';
import { requireCommand } from '../lab/run-command.ts';
import { waitUntil } from '../lab/wait-until.ts';
import { ComputeClient } from '../support/compute-client.ts';
import { startComposedApplication, type ComposedApplication } from './composed-application.fixture.ts';
import { labConfiguration } from './lab-configuration.ts';
import { LibvirtLab, whyNoLab } from './libvirt-lab.fixture.ts';
import { libvirtOptions } from '../lab/libvirt-options.ts';
import { logInto, type LogLine } from './log-lines.ts';
import { ServerUnderTest } from './server-under-test.fixture.ts';

const SET_UP_DEADLINE_MS = 120_000;
const TEST_DEADLINE_MS = 180_000;
const COPY_DEADLINE_MS = 60_000;
const VIRSH_DEADLINE_MS = 10_000;
const [A, B] = ['lab-a', 'lab-b'];
/** Slow enough to be cut in the middle: the guest's memory then takes some five seconds. */
const BANDWIDTH_MIB_PER_SECOND = 8;
/** Longer than a busy machine needs for a chunk. */
const STALL_SECONDS = 6;
/** Without the remedy the guest stands still until the link heals, which here it does only after the migration's end. */
const SILENCE_SECONDS_MAX = 3;

const reason = await whyNoLab('test/end-to-end/partition.lab.spec.ts');

describe.skipIf(reason !== null)('a partition between the hosts', () => {
  const lines: LogLine[] = [];
  let lab: LibvirtLab;
  let application: ComposedApplication;
  let source: LibvirtHost;
  let destination: LibvirtHost;
  /** Why steps of migrations went wrong. */
  const reasons: string[] = [];
  let server: ServerUnderTest;
  let rescued: GuestVoice;

  beforeAll(async () => {
    lab = await LibvirtLab.start();
    source = new LibvirtHost(libvirtOptions(lab.hostNamed(A)));
    destination = new LibvirtHost(libvirtOptions(lab.hostNamed(B)));
    const configuration = labConfiguration(lab);
    const { liveMigration } = configuration;
    application = await startComposedApplication(
      {
        ...configuration,
        liveMigration: {
          ...liveMigration,
          bandwidthMiBps: BANDWIDTH_MIB_PER_SECOND,
          stallTimeoutSeconds: STALL_SECONDS,
        },
      },
      logInto(lines),
      {
        transfer: new LibvirtVolumeArtifactTransfer([source, destination]),
        recorded: async (event) => {
          if (event.type === 'StepFailed') reasons.push(event.reason);
        },
      },
    );
    server = await ServerUnderTest.create(new ComputeClient(application.url), lab, A);
    await server.rescue(lab);
    rescued = await lab.listen(A, server.id);
  }, SET_UP_DEADLINE_MS);

  afterAll(async () => {
    await application.stop();
    await Promise.all([source, destination].map((host) => host.connections.close()));
    await lab.stop();
  }, SET_UP_DEADLINE_MS);

  it.each<[phase: string, isReached: (copied: MigrationProgress) => boolean]>([
    ['disks', ({ diskProcessedBytes, memoryProcessedBytes }) => diskProcessedBytes > 0 && memoryProcessedBytes === 0],
    ['memory', ({ memoryProcessedBytes }) => memoryProcessedBytes > 0],
  ])(
    'ends the copying of %s in the middle, and the guest hardly notices',
    async (_phase, isReached) => {
      const cut = copyReaches(isReached).then(() => lab.lab.cutLink());
      await Promise.all([cut, expectFailure()]);
      await lab.lab.healLink();
    },
    TEST_DEADLINE_MS,
  );

  it(
    'is overcome by asking again once the hosts reach each other',
    async () => {
      const { migration, server: moved } = await server.migrate(B);
      expect(migration.status, reasons.at(-1)).toBe('completed');
      expect(moved.host).toBe(B);
      expect((await lab.listen(B, server.id)).bootId).toBe(rescued.bootId);
      const { connectionUri } = lab.hostNamed(B).facts;
      const facts = await requireCommand(['virsh', '-c', connectionUri, 'dominfo', `instance-${server.id}`], {
        deadlineMs: VIRSH_DEADLINE_MS,
      });
      expect(facts, 'where it has arrived, nobody has used its monitor').not.toContain('custom monitor');
    },
    TEST_DEADLINE_MS,
  );

  /** The server is where and what it was, nothing is left of the copy, and the guest has run all the time. */
  async function expectFailure(): Promise<void> {
    const { migration, server: after } = await server.migrate(B);
    expect(['failed', 'error']).toContain(migration.status);
    expect(after).toMatchObject({ host: A, fault: null });
    const voice = await lab.listen(A, server.id);
    expect(voice.bootId).toBe(rescued.bootId);
    expect(voice.ticks).toBeGreaterThan(rescued.ticks);
    rescued = voice;
    expect(await longestSilence()).toBeLessThan(SILENCE_SECONDS_MAX);
    expect(lab.emulators(B)).toBe(0);
    expect(await lab.files(B, server.id)).toBeNull();
  }

  async function copyReaches(isReached: (copied: MigrationProgress) => boolean): Promise<void> {
    const domain = valueOf(await source.lookUp(instanceId(server.id)));
    if (domain === null) throw new Error('the guest is not on the source');
    const probe = async (): Promise<true | null> => {
      const copied = await migrationProgress(source, domain);
      return copied !== null && isReached(copied) ? true : null;
    };
    if ((await waitUntil(probe, { deadlineMs: COPY_DEADLINE_MS })) === null)
      throw new Error(`the copy did not get so far: ${JSON.stringify(await server.lastAction())}`);
  }

  /** Seconds of the guest's own clock, which goes on while QEMU's main loop hangs and keeps the guest from running. */
  async function longestSilence(): Promise<number> {
    const path = join(lab.hostNamed(A).facts.instancesPathOutside, server.id, 'console.log');
    const { ticks } = await readGuestConsole(path);
    const ours = ticks.filter(({ bootId }) => bootId === rescued.bootId);
    return Math.max(...ours.slice(1).map(({ upSeconds }, index) => upSeconds - (ours[index]?.upSeconds ?? 0)));
  }
});
