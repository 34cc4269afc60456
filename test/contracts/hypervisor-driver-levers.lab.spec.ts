import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LibvirtDriver } from '../../adapters/libvirt/libvirt-driver.ts';
import { MigrationMarker } from '../../adapters/libvirt/migration-marker.ts';
import { ABORT_GRACE_MS } from '../../adapters/libvirt/migration-watch.ts';
import { DOMAIN_GET_JOB_STATS } from '../../adapters/libvirt/rpc/procedures.ts';
import { SystemClock } from '../../adapters/system/system-clock.ts';
import type { MigrationDescription } from '../../application/ports/hypervisor-driver.ts';
import type { Outcome } from '../../domain/shared/outcome.ts';
import { whyNoLab } from '../end-to-end/libvirt-lab.fixture.ts';
import {
  copiesDisks,
  copiesMemory,
  copiesMemoryAgain,
  firstTime,
  LeversLab,
} from './hypervisor-driver-levers.fixture.ts';
import { describeMigration, refusalOf, valueOf } from './hypervisor-driver.fixture.ts';

const SET_UP_DEADLINE_MS = 120_000;
const RUNNING = { presence: 'present', power: 'running', incoming: false };
const ABSENT = { presence: 'absent' };
/** Slow enough to be met in each phase: four seconds for the disk, eight for the memory. */
const SLOW = { bandwidthMiBps: 16 };
/** QEMU's looks at the written pages: before the copy, and when the guest stands still. */
const LOOKS_OF_ONE_PASS = 2;
const JOB_STATS_COMPLETED = 1;
const NO_DOMAIN = { name: '', uuid: '00000000-0000-4000-8000-000000000000', id: -1 };
/** Two GiB count at least. */
const FOUR_SECONDS = { completionTimeoutSecondsPerGiB: 2 };

const reason = await whyNoLab('test/contracts/hypervisor-driver-levers.lab.spec.ts');

// One guest that never stops writing, moved or not moved again and again; when a step fails, read the first failure.
describe.skipIf(reason !== null)('the levers on a running copy, on two libvirt hosts', () => {
  let lab: LeversLab;
  let bootId: string;

  beforeAll(async () => {
    lab = await LeversLab.start();
    valueOf(await lab.driver(0).spawn(lab.guest));
    bootId = (await lab.lab.listen('lab-a', lab.guest.instanceId)).bootId;
  }, SET_UP_DEADLINE_MS);

  afterAll(() => lab.stop(), SET_UP_DEADLINE_MS);

  it.each([
    ['disks', copiesDisks],
    ['memory', copiesMemory],
  ])('stop it while its %s are copied', async (_what, copies) => {
    const [from, to, operator] = [lab.driver(0, SLOW), lab.driver(1), lab.driver(0)];
    const pulled: Promise<Outcome<null>>[] = [];
    const pull = firstTime(copies, (migration) => pulled.push(operator.abortMigration(migration)));
    const { answer, description } = await lab.migrate(from, to, pull);
    expect(refusalOf(answer)).toContain('canceled by client');
    expect(await Promise.all(pulled)).toEqual([{ outcome: 'succeeded', value: null }]);
    await expectToHaveStayed(from, to, description);
  });

  it('stop it when it takes too long', async () => {
    const [from, to] = [lab.driver(0, { ...SLOW, ...FOUR_SECONDS }), lab.driver(1)];
    const { answer, description } = await lab.migrate(from, to);
    expect(refusalOf(answer)).toContain('Copying the guest was aborted: it took longer than 4 s: operation aborted');
    await expectToHaveStayed(from, to, description);
  });

  it('stop it when nothing is transferred any more', async () => {
    // The watch waits this long for what it has aborted: only then may the other side answer again.
    const clock = new (class extends SystemClock {
      override sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
        if (milliseconds === ABORT_GRACE_MS) lab.signalEmulators('lab-b', 'SIGCONT');
        return super.sleep(milliseconds, signal);
      }
    })();
    const [from, to] = [lab.driver(0, { ...SLOW, stallTimeoutSeconds: 2 }, clock), lab.driver(1)];
    const { answer, description } = await lab.migrate(
      from,
      to,
      firstTime(copiesMemory, () => lab.signalEmulators('lab-b', 'SIGSTOP')),
    );
    expect(refusalOf(answer)).toContain('Copying the guest was aborted: nothing was transferred for 2 s');
    await expectToHaveStayed(from, to, description);
  });

  it('let the guest stand still, and run where it arrives', async () => {
    const [from, to, operator] = [lab.driver(0, SLOW), lab.driver(1), lab.driver(0)];
    const pulled: Promise<Outcome<null>>[] = [];
    const pull = firstTime(copiesMemoryAgain, (migration) => pulled.push(operator.forceComplete(migration)));
    const { answer, description } = await lab.migrate(from, to, pull);
    valueOf(answer);
    expect(await Promise.all(pulled)).toEqual([{ outcome: 'succeeded', value: null }]);
    await expectToHaveMoved(from, to, description);
  });

  it('do the same when it takes too long and that is configured', async () => {
    const forced = { ...SLOW, ...FOUR_SECONDS, completionTimeoutAction: 'forceComplete' } as const;
    const [from, to] = [lab.driver(1, forced), lab.driver(0)];
    const { answer, description } = await lab.migrate(from, to);
    valueOf(answer);
    await expectToHaveMoved(from, to, description);
  });

  it('let it go on before its memory has come, where post-copy is configured', async () => {
    const [from, to] = [lab.driver(0, { ...SLOW, postCopy: true }), lab.driver(1)];
    const pulled: Promise<Outcome<null>>[] = [];
    const pull = firstTime(copiesMemory, (migration) => pulled.push(from.forceComplete(migration)));
    const { answer, description } = await lab.migrate(from, to, pull);
    valueOf(answer);
    expect(await Promise.all(pulled)).toEqual([{ outcome: 'succeeded', value: null }]);
    // Suspending would have left its marker.
    expect((await lab.lab.files('lab-a', lab.guest.instanceId))?.some((name) => name.startsWith('suspended'))).toBe(
      false,
    );
    await expectToHaveMoved(from, to, description);
  });

  it('are not needed for an emulated guest, which is copied in one pass and keeps its memory whole', async () => {
    const [from, to] = [lab.driver(1), lab.driver(0)];
    const { answer, description } = await lab.migrate(from, to);
    valueOf(answer);
    const told = await lab.hosts[0].connections.call(DOMAIN_GET_JOB_STATS, {
      domain: valueOf(await lab.hosts[0].lookUp(lab.guest.instanceId)) ?? NO_DOMAIN,
      flags: JOB_STATS_COMPLETED,
    });
    const looks = told.outcome === 'succeeded' && told.value.params.find(({ field }) => field === 'memory_iteration');
    expect(looks).toMatchObject({ value: expect.toSatisfy((value) => Number(value) === LOOKS_OF_ONE_PASS) });
    await expectToHaveMoved(from, to, description);
  });

  it('are told from an owner who has paused the guest', async () => {
    const [driver, { instanceId }] = [lab.driver(0), lab.guest];
    const description = describeMigration(lab.guest, false);
    valueOf(await driver.pause(instanceId));
    valueOf(await driver.restoreSource(description));
    expect(valueOf(await driver.inquire(instanceId))).toEqual({ ...RUNNING, power: 'paused' });
    // What a process leaves that dies after it has forced a copy which had ended just before.
    const marker = new MigrationMarker(lab.hosts[0], instanceId, description.migrationId, 'suspended');
    valueOf(await marker.place());
    valueOf(await driver.restoreSource(description));
    expect(valueOf(await driver.inquire(instanceId))).toEqual(RUNNING);
    expect(valueOf(await marker.stands())).toBe(false);
  });

  async function expectToHaveStayed(from: LibvirtDriver, to: LibvirtDriver, description: MigrationDescription) {
    // As another process would, after this one has crashed.
    valueOf(await lab.driver(from.host === lab.hosts[0].options.host ? 0 : 1).restoreSource(description));
    expect(valueOf(await from.inquire(lab.guest.instanceId))).toEqual(RUNNING);
    expect((await lab.lab.listen(from.host, lab.guest.instanceId)).bootId).toBe(bootId);
    valueOf(await to.clearDestination(description));
    expect(valueOf(await to.inquire(lab.guest.instanceId))).toEqual(ABSENT);
  }

  async function expectToHaveMoved(from: LibvirtDriver, to: LibvirtDriver, description: MigrationDescription) {
    expect(valueOf(await to.inquire(lab.guest.instanceId))).toEqual(RUNNING);
    valueOf(await from.confirmSource(description));
    valueOf(await to.adoptAtDestination(description));
    valueOf(await from.clearSource(lab.guest.instanceId));
    expect((await lab.lab.listen(to.host, lab.guest.instanceId)).bootId).toBe(bootId);
    expect(valueOf(await from.inquire(lab.guest.instanceId))).toEqual(ABSENT);
  }
});
