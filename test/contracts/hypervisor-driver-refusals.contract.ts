import { describe, expect, it } from 'vitest';
import type { SourceFacts } from '../../application/ports/hypervisor-driver.ts';
import { describeMigration, refusalOf, twice, valueOf, type OpenPair } from './hypervisor-driver.fixture.ts';

const FACTS: SourceFacts = {
  disks: [{ fileName: 'disk', targetDevice: 'vda', format: 'qcow2', capacityBytes: 1_048_576 }],
  files: [],
  pooledDisks: [],
  sharedDirectory: false,
  memoryMiB: 128,
  definition: '<domain><os><type arch="x86_64" machine="pc-i440fx-7.2">hvm</type></os></domain>',
};
const NO_CAPABILITY =
  'Migration pre-check error: Live migration of rescued instances is not supported by the virt driver';

export function refusalsWithoutGuest(open: OpenPair): void {
  describe('without a guest', () => {
    it('tells what the host is', async () => {
      const pair = open();
      for (const host of pair.hosts) {
        const driver = pair.driver(host);
        expect(driver.host).toBe(host);
        expect(driver.capabilities()).toEqual({ supportsLiveMigrateRescued: true });
        expect(await driver.ping()).toEqual({ outcome: 'succeeded', value: null });
        const facts = valueOf(await driver.hostFacts());
        expect(facts.vcpus).toBeGreaterThan(0);
        expect(facts.memoryFreeMiB).toBeGreaterThan(0);
        expect(facts.memoryFreeMiB).toBeLessThanOrEqual(facts.memoryMiB);
        expect(facts.diskFreeGiB).toBeLessThanOrEqual(facts.diskGiB);
      }
    });
    removesWhatIsNotThere(open);
    refusesWhatNeedsAGuest(open);
    guardsTheCapability(open);
    guardsTheDirectory(open);
  });
}

function removesWhatIsNotThere(open: OpenPair): void {
  it('calls a guest absent, and removing it a success', async () => {
    const pair = open();
    const driver = pair.driver(pair.hosts[0]);
    const guest = pair.newGuest();
    expect(valueOf(await driver.inquire(guest.instanceId))).toEqual({ presence: 'absent' });
    await twice(() => driver.destroy(guest.instanceId));
    await twice(() => driver.clearSource(guest.instanceId));
    await twice(() => driver.clearDestination(describeMigration(guest, true)));
    await twice(() => driver.confirmSource(describeMigration(guest, true)));
    await twice(() => driver.abortMigration(describeMigration(guest, true)));
    expect(await pair.files(driver.host, guest.instanceId)).toBeNull();
  });
}

function refusesWhatNeedsAGuest(open: OpenPair): void {
  it('fails what only a guest can do', async () => {
    const pair = open();
    const driver = pair.driver(pair.hosts[0]);
    const guest = pair.newGuest();
    const original = { definition: '', sha256: '' };
    refusalOf(await driver.start(guest.instanceId));
    refusalOf(await driver.pause(guest.instanceId));
    refusalOf(await driver.reboot(guest.instanceId, 'HARD'));
    refusalOf(await driver.captureDefinition(guest.instanceId));
    refusalOf(await driver.unrescue(guest.instanceId, original));
    refusalOf(await driver.checkSource(describeMigration(guest, true)));
    refusalOf(await driver.forceComplete(describeMigration(guest, true)));
    refusalOf(await driver.adoptAtDestination(describeMigration(guest, true)));
    expect(await driver.rescue(guest, pair.rescueImages, original)).toMatchObject({
      outcome: 'failed',
      guestAffected: false,
    });
    expect(await pair.files(driver.host, guest.instanceId)).toBeNull();
  });
}

function guardsTheCapability(open: OpenPair): void {
  it('refuses a rescued server where the driver lacks the capability, in words an operator knows', async () => {
    const pair = open();
    const rescued = describeMigration(pair.newGuest(), true);
    const source = pair.driverWithoutRescuedMigration(pair.hosts[0]);
    const destination = pair.driverWithoutRescuedMigration(pair.hosts[1]);
    expect(source.capabilities()).toEqual({ supportsLiveMigrateRescued: false });
    expect(refusalOf(await source.checkSource(rescued))).toBe(`${NO_CAPABILITY} on source host.`);
    expect(refusalOf(await destination.checkDestination(rescued, FACTS))).toBe(`${NO_CAPABILITY} on destination host.`);
  });

  it('does not ask for the capability when the server is not rescued', async () => {
    const pair = open();
    const destination = pair.driverWithoutRescuedMigration(pair.hosts[1]);
    valueOf(await destination.checkDestination(describeMigration(pair.newGuest(), false), FACTS));
  });
}

function guardsTheDirectory(open: OpenPair): void {
  it('takes no directory that another migration has made, and leaves it alone', async () => {
    const pair = open();
    const guest = pair.newGuest();
    const host = pair.hosts[1];
    const driver = pair.driver(host);
    const first = describeMigration(guest, true);
    const second = describeMigration(guest, true);
    await twice(() => driver.prepareDestination(first, FACTS));
    const prepared = await pair.files(host, guest.instanceId);
    expect(prepared).not.toBeNull();

    expect(refusalOf(await driver.prepareDestination(second, FACTS))).toContain('DestinationDiskExists');
    // The saga undoes the failed step too, so this must not take what belongs to the other migration.
    valueOf(await driver.clearDestination(second));
    expect(await pair.files(host, guest.instanceId)).toEqual(prepared);

    await twice(() => driver.clearDestination(first));
    expect(await pair.files(host, guest.instanceId)).toBeNull();
  });
}
