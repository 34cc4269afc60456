import { describe, expect, it } from 'vitest';
import { refusalOf, twice, valueOf, type OpenPair } from './hypervisor-driver.fixture.ts';

const RUNNING = { presence: 'present', power: 'running', incoming: false };

export function suspendedServerStages(open: OpenPair): void {
  describe('a server that is suspended', () => {
    it('goes on where it stopped, and boots anew only when its plug is pulled', async () => {
      const pair = open();
      const guest = pair.newGuest();
      const driver = pair.driver(pair.hosts[0]);
      valueOf(await driver.spawn(guest));
      const before = await pair.listen(driver.host, guest.instanceId);
      await twice(() => driver.suspend(guest.instanceId));
      expect(valueOf(await driver.inquire(guest.instanceId))).toEqual({ ...RUNNING, power: 'shutdown' });
      refusalOf(await driver.pause(guest.instanceId));
      await twice(() => driver.resume(guest.instanceId));
      expect(valueOf(await driver.inquire(guest.instanceId))).toEqual(RUNNING);
      const resumed = await pair.listen(driver.host, guest.instanceId);
      expect(resumed).toMatchObject({ bootId: before.bootId, diskBoots: before.diskBoots });
      expect(resumed.ticks).toBeGreaterThan(before.ticks);
      valueOf(await driver.suspend(guest.instanceId));
      valueOf(await driver.reboot(guest.instanceId, 'HARD'));
      const rebooted = await pair.listen(driver.host, guest.instanceId);
      expect(rebooted.diskBoots).toBe(before.diskBoots + 1);
      // A guest that was merely stopped has no memory to go on with.
      valueOf(await driver.stop(guest.instanceId));
      refusalOf(await driver.resume(guest.instanceId));
      valueOf(await driver.start(guest.instanceId));
      valueOf(await driver.suspend(guest.instanceId));
      await twice(() => driver.destroy(guest.instanceId));
      expect(valueOf(await driver.inquire(guest.instanceId))).toEqual({ presence: 'absent' });
      expect(await pair.files(driver.host, guest.instanceId)).toBeNull();
    });
  });
}
