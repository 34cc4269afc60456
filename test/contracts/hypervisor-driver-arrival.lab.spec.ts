import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LibvirtDriver } from '../../adapters/libvirt/libvirt-driver.ts';
import { DOMAIN_SHUTDOWN_FLAGS } from '../../adapters/libvirt/rpc/procedures.ts';
import { whyNoLab } from '../end-to-end/libvirt-lab.fixture.ts';
import { waitUntil } from '../lab/wait-until.ts';
import { LeversLab } from './hypervisor-driver-levers.fixture.ts';
import { refusalOf, twice, valueOf } from './hypervisor-driver.fixture.ts';

const SET_UP_DEADLINE_MS = 120_000;
const POWER_OFF_DEADLINE_MS = 30_000;
const RUNNING = { presence: 'present', power: 'running', incoming: false };

const reason = await whyNoLab('test/contracts/hypervisor-driver-arrival.lab.spec.ts');

// One guest, hit at its arrival; when a step fails, read the first failure.
describe.skipIf(reason !== null)('what becomes of a guest at its arrival, on two libvirt hosts', () => {
  let lab: LeversLab;
  let from: LibvirtDriver;
  let to: LibvirtDriver;

  beforeAll(async () => {
    lab = await LeversLab.start();
    [from, to] = [lab.driver(0), lab.driver(1)];
    valueOf(await from.spawn(lab.guest));
    await lab.lab.listen('lab-a', lab.guest.instanceId);
  }, SET_UP_DEADLINE_MS);

  afterAll(() => lab.stop(), SET_UP_DEADLINE_MS);

  const inquire = async (driver: LibvirtDriver) => valueOf(await driver.inquire(lab.guest.instanceId));

  it('goes on at the source when its emulator is killed before it runs at the destination', async () => {
    const { bootId } = await lab.lab.listen('lab-a', lab.guest.instanceId);
    const standing = async () => {
      const { power } = { power: 'absent', ...(await inquire(lab.driver(0))) };
      return power === 'paused' ? true : null;
    };
    const migrated = lab.migrate(from, to);
    // Between Perform and Finish, or in Finish: the source copy stands still and the other has not been started.
    await waitUntil(standing, { deadlineMs: SET_UP_DEADLINE_MS, intervalMs: 1 });
    lab.signalEmulators('lab-b', 'SIGKILL');
    const { answer, description } = await migrated;
    if (answer.outcome === 'failed') {
      expect(['absent', 'neverStarted']).toContain({ power: 'absent', ...(await inquire(to)) }.power);
      await twice(() => lab.driver(0).restoreSource(description));
      expect(await inquire(from)).toEqual(RUNNING);
    } else {
      // Too late: it had arrived, and crashed there.
      expect(await inquire(to)).toMatchObject({ power: 'crashed', incoming: false });
      valueOf(await lab.driver(0).restoreSource(description));
    }
    expect((await lab.lab.listen('lab-a', lab.guest.instanceId)).bootId).toBe(bootId);
    await twice(() => to.clearDestination(description));
    expect(await inquire(to)).toEqual({ presence: 'absent' });
  });

  it('has arrived when it powers itself off before the source is confirmed', async () => {
    const { answer, description } = await lab.migrate(from, to);
    valueOf(answer);
    const domain = valueOf(await lab.hosts[1].lookUp(lab.guest.instanceId));
    if (domain === null) throw new Error('the guest has not arrived');
    await lab.lab.listen('lab-b', lab.guest.instanceId);
    const pressed = await lab.hosts[1].connections.call(DOMAIN_SHUTDOWN_FLAGS, { domain, flags: 0 });
    expect(pressed).toEqual({ outcome: 'succeeded', value: null });
    const off = async () => {
      const presence = await inquire(to);
      return presence.presence === 'present' && presence.power !== 'running' ? presence : null;
    };
    expect(await waitUntil(off, { deadlineMs: POWER_OFF_DEADLINE_MS })).toEqual({ ...RUNNING, power: 'shutdown' });
    expect(await inquire(from)).toEqual({ ...RUNNING, power: 'paused' });
    refusalOf(await to.clearDestination(description));
    await twice(() => lab.driver(0).confirmSource(description));
    await twice(() => to.adoptAtDestination(description));
    expect(await inquire(from)).toEqual({ presence: 'absent' });
    expect(await inquire(to)).toEqual({ ...RUNNING, power: 'shutdown' });
  });

  it('is off for a reason that nobody remembers once the daemon was started again', async () => {
    const host = lab.lab.hostNamed('lab-b');
    await host.killLibvirtd();
    await host.startLibvirtd();
    expect(await inquire(to)).toEqual({ ...RUNNING, power: 'unexplained' });
  });
});
