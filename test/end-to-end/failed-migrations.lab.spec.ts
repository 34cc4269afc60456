import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LibvirtVolumeArtifactTransfer } from '../../adapters/artifacts/libvirt-volume-artifact-transfer.ts';
import { LocalImageDirectory } from '../../adapters/images/local-image-directory.ts';
import { LibvirtDriver } from '../../adapters/libvirt/libvirt-driver.ts';
import { LibvirtHost } from '../../adapters/libvirt/libvirt-host.ts';
import { SystemClock } from '../../adapters/system/system-clock.ts';
import type { DomainEvent } from '../../application/ports/event-store.ts';
import { instanceId, migrationId } from '../../domain/shared/ids.ts';
import { refusalOf, valueOf, type GuestVoice } from '../contracts/hypervisor-driver.fixture.ts';
import type { LabHost } from '../lab/lab-host.ts';
import { ComputeClient } from '../support/compute-client.ts';
import { startComposedApplication, type ComposedApplication } from './composed-application.fixture.ts';
import { DamagingLibvirtHost } from './damaging-libvirt-host.ts';
import { labConfiguration } from './lab-configuration.ts';
import { LibvirtLab, whyNoLab } from './libvirt-lab.fixture.ts';
import { libvirtOptions } from '../lab/libvirt-options.ts';
import { logInto, type LogLine } from './log-lines.ts';
import { ServerUnderTest } from './server-under-test.fixture.ts';

const SET_UP_DEADLINE_MS = 120_000;
const [A, B] = ['lab-a', 'lab-b'];
const TMPFS_BYTES = 2 * 1024 ** 3;
const TMPFS_LEFT_BYTES = 1024 ** 2;

const reason = await whyNoLab('test/end-to-end/failed-migrations.lab.spec.ts');

// One booted server survives one failing migration after another; when a step fails, read the first failure.
describe.skipIf(reason !== null)('a live migration that fails before its point of no return', () => {
  const lines: LogLine[] = [];
  let lab: LibvirtLab;
  let destination: LabHost;
  let source: LibvirtHost;
  let damaging: DamagingLibvirtHost;
  let transfer: LibvirtVolumeArtifactTransfer;
  let application: ComposedApplication | null = null;
  let server: ServerUnderTest;
  let rescued: GuestVoice;
  /** Why the steps of the newest migration went wrong, as the log has it. */
  let reasons: string[] = [];
  let recorded: (event: DomainEvent) => Promise<void> = async () => {};

  beforeAll(async () => {
    lab = await LibvirtLab.start();
    destination = lab.hostNamed(B);
    const { instancesPathOutside } = destination.facts;
    damaging = new DamagingLibvirtHost(libvirtOptions(destination), instancesPathOutside);
    source = new LibvirtHost(libvirtOptions(lab.hostNamed(A)));
    transfer = new LibvirtVolumeArtifactTransfer([source, damaging]);
  }, SET_UP_DEADLINE_MS);

  afterAll(async () => {
    await application?.stop();
    await Promise.all([source, damaging].map((host) => host.connections.close()));
    await lab.stop();
  }, SET_UP_DEADLINE_MS);

  async function startApplication(changes: Parameters<typeof labConfiguration>[1]): Promise<ComputeClient> {
    await application?.stop();
    const interventions = { transfer, recorded: onRecorded };
    application = await startComposedApplication(labConfiguration(lab, changes), logInto(lines), interventions);
    return new ComputeClient(application.url);
  }

  async function onRecorded(event: DomainEvent): Promise<void> {
    if (event.type === 'StepFailed' || event.type === 'StepOutcomeUnknown') reasons.push(event.reason);
    await recorded(event);
  }

  /** Migrates, and proves that the server is where and what it was, and the destination as empty as before. */
  async function expectFailure(why: string | RegExp): Promise<void> {
    reasons = [];
    const { migration, server: after } = await server.migrate(B);
    recorded = async () => {};
    damaging.damages = null;
    expect(['failed', 'error']).toContain(migration.status);
    expect(reasons.join('\n')).toMatch(why);
    expect(after).toMatchObject({ host: A, fault: null });
    expect((await server.lastAction()).action).toBe('live-migration');
    expect(lab.emulators(B)).toBe(0);
    const voice = await lab.listen(A, server.id);
    expect(voice.bootId).toBe(rescued.bootId);
    expect(voice.ticks).toBeGreaterThan(rescued.ticks);
    rescued = voice;
  }

  it('is accepted, and fails in the instance action, when the destination lacks the capability', async () => {
    const client = await startApplication({ withoutRescuedMigration: B });
    server = await ServerUnderTest.create(client, lab, A);
    await server.rescue(lab);
    rescued = await lab.listen(A, server.id);
    await expectFailure('No valid host was found');
    const check = (await server.lastAction()).events.find(({ event }) => event.includes('check_can_live_migrate_dest'));
    expect(check).toMatchObject({
      result: 'Error',
      details: expect.stringContaining('not supported by the virt driver on destination host'),
    });
    expect(await lab.files(B, server.id)).toBeNull();
    server = new ServerUnderTest(await startApplication({}), server.id);
  });

  it('leaves a foreign directory at the destination alone', async () => {
    const path = join(destination.facts.instancesPathOutside, server.id);
    await mkdir(path);
    await writeFile(join(path, 'foreign'), 'somebody needs this');
    await expectFailure('DestinationDiskExists');
    expect(await readFile(join(path, 'foreign'), 'utf8')).toBe('somebody needs this');
    expect(await lab.files(B, server.id)).toEqual(['foreign']);
    await rm(path, { recursive: true });
  });

  it('does not fall back to the source when the image service is broken', async () => {
    const path = join(lab.images.path, `${lab.images.rescue.kernelId}.json`);
    const metadata = await readFile(path);
    await writeFile(path, 'not JSON');
    await expectFailure('kernel.rescue: the image service failed');
    await writeFile(path, metadata);
    expect(await lab.files(B, server.id)).toBeNull();
  });

  it('notices a file that the destination has damaged', async () => {
    damaging.damages = 'ramdisk.rescue';
    await expectFailure(/ramdisk\.rescue: the file on the host has SHA-256 [0-9a-f]{64}, expected was/);
    expect(await lab.files(B, server.id)).toBeNull();
  });

  it('clears what it has written when the disk of the destination fills up', async () => {
    const { instancesPath } = destination.facts;
    await runAtDestination('mount', '-t', 'tmpfs', '-o', `size=${TMPFS_BYTES}`, 'tmpfs', instancesPath);
    recorded = async (event) => {
      if (event.type !== 'StepStarted' || event.step !== 'stageArtifacts') return;
      await runAtDestination('mount', '-o', `remount,size=${TMPFS_LEFT_BYTES}`, instancesPath);
    };
    await expectFailure('No space left on device');
    expect(await runAtDestination('ls', '-A', instancesPath)).toBe('');
    await runAtDestination('umount', instancesPath);
  });

  it('undoes the staging once the destination is back that went down in the middle of it', async () => {
    recorded = async (event) => {
      if (event.type === 'StepStarted' && event.step === 'stageArtifacts') await destination.killLibvirtd();
      if (event.type === 'UndoFailed') await restartDestination();
    };
    await expectFailure('cannot be reached');
    expect(await lab.files(B, server.id)).toBeNull();
  });

  it('stays on the source when the destination goes down before Prepare', async () => {
    recorded = async (event) => {
      if (event.type === 'PhaseReached' && event.phase === 'begun') await destination.killLibvirtd();
      if (event.type === 'StepOutcomeUnknown') await restartDestination();
    };
    await expectFailure('Prepare on the destination');
    expect(await lab.files(B, server.id)).toBeNull();
  });

  it('stays on the source when the destination goes down during the copy', async () => {
    let killing: Promise<void> = Promise.resolve();
    recorded = async (event) => {
      // Not awaited: the copy begins while the daemon goes down.
      if (event.type === 'PhaseReached' && event.phase === 'performing') killing = destination.killLibvirtd();
      if (event.type === 'StepOutcomeUnknown') await restartDestination();
    };
    await expectFailure('Copying the guest');
    await killing;
    expect(await lab.files(B, server.id)).toBeNull();
  });

  it('leaves no migration that a late confirmation could still end with the guest', async () => {
    const images = new LocalImageDirectory({ path: lab.images.path, report: () => undefined });
    const driver = new LibvirtDriver(source, images, new SystemClock());
    const guest = { ...lab.newGuest(), instanceId: instanceId(server.id) };
    for (const { uuid } of await server.client.migrations(server.id)) {
      const late = {
        migrationId: migrationId(uuid),
        guest,
        rescued: true,
        original: null,
        blockMigration: 'auto',
      } as const;
      valueOf(await driver.pause(guest.instanceId));
      refusalOf(await driver.confirmSource(late));
      valueOf(await driver.unpause(guest.instanceId));
    }
    expect((await lab.listen(A, server.id)).bootId).toBe(rescued.bootId);
  });

  it('succeeds when nothing is in its way any more', async () => {
    const { migration, server: moved } = await server.migrate(B);
    expect(migration.status).toBe('completed');
    expect(moved.host).toBe(B);
    const voice = await lab.listen(B, server.id);
    expect(voice.bootId).toBe(rescued.bootId);
    expect(voice.ticks).toBeGreaterThan(rescued.ticks);
    expect(await lab.files(A, server.id)).toBeNull();
  });

  async function restartDestination(): Promise<void> {
    if (destination.libvirtdPid() === null) await destination.startLibvirtd();
  }

  async function runAtDestination(...argv: readonly string[]): Promise<string> {
    const result = await destination.run(argv);
    if (result.outcome === 'exited' && result.exitCode === 0) return result.stdout;
    throw new Error(`${argv.join(' ')}: ${JSON.stringify(result)}`);
  }
});
