import type {
  CapturedDefinition,
  GuestDescription,
  HypervisorDriver,
  MigrationDescription,
  SourceFacts,
} from '../../application/ports/hypervisor-driver.ts';
import { describeMigration, type GuestVoice, type HypervisorPair } from './hypervisor-driver.fixture.ts';

export const RUNNING = { presence: 'present', power: 'running', incoming: false };
export const PAUSED = { presence: 'present', power: 'paused', incoming: false };
export const ABSENT = { presence: 'absent' };
export const RESCUE_FILES = ['disk.rescue', 'kernel.rescue', 'ramdisk.rescue', 'unrescue.xml'];

/** What one stage leaves for the next. */
export type RescuedServer = {
  readonly pair: HypervisorPair;
  readonly guest: GuestDescription;
  readonly source: HypervisorDriver;
  readonly destination: HypervisorDriver;
  readonly migration: MigrationDescription;
  original: CapturedDefinition;
  facts: SourceFacts;
  lastVoice: GuestVoice;
  diskBoots: number;
};
export type OpenRescuedServer = () => RescuedServer;

export function newRescuedServer(pair: HypervisorPair): RescuedServer {
  const guest = pair.newGuest();
  return {
    pair,
    guest,
    source: pair.driver(pair.hosts[0]),
    destination: pair.driver(pair.hosts[1]),
    migration: describeMigration(guest, true),
    original: { definition: '', sha256: '' },
    facts: { disks: [], files: [], pooledDisks: [], sharedDirectory: false, memoryMiB: 0, definition: '' },
    lastVoice: { bootId: '', bootedFrom: 'disk', diskBoots: 0, ticks: 0 },
    diskBoots: 0,
  };
}
