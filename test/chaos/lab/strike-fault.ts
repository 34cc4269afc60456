import type { Fault, PlannedFault } from '../round.ts';
import { cutNetwork, halfCutNetwork, loseReplies } from './network-faults.ts';
import {
  killDestinationEmulator,
  killDestinationLibvirtd,
  killLifeboat,
  killSourceEmulator,
  killSourceLibvirtd,
  stopDestinationLibvirtd,
  stopSourceLibvirtd,
} from './process-faults.ts';
import {
  breakImageService,
  damageArtifact,
  fillDestinationDisk,
  fillStore,
  lockStore,
  slowImageService,
} from './storage-faults.ts';
import { NOTHING_TO_HEAL, type Stage, type Strike, type Struck } from './struck-cloud.ts';

const STRIKES: Readonly<Record<Fault, Strike>> = {
  none: async () => NOTHING_TO_HEAL,
  'lifeboat-killed': killLifeboat,
  'source-emulator-killed': killSourceEmulator,
  'destination-emulator-killed': killDestinationEmulator,
  'source-libvirtd-killed': killSourceLibvirtd,
  'destination-libvirtd-killed': killDestinationLibvirtd,
  'source-libvirtd-stopped': stopSourceLibvirtd,
  'destination-libvirtd-stopped': stopDestinationLibvirtd,
  'network-cut': cutNetwork,
  'network-half-cut': halfCutNetwork,
  'reply-lost': loseReplies,
  'destination-disk-full': fillDestinationDisk,
  'artifact-damaged': damageArtifact,
  'image-service-down': breakImageService,
  'image-service-slow': slowImageService,
  'store-locked': lockStore,
  'store-full': fillStore,
};

/** Does to the cloud what is planned; the caller heals it. */
export function strike(stage: Stage, planned: PlannedFault): Promise<Struck> {
  return STRIKES[planned.fault](stage, planned);
}

/** Those that meet one certain message on the wire, and come too late after any delay. */
export function strikesAtOnce({ fault, phase }: PlannedFault): boolean {
  return (fault === 'reply-lost' && phase === 'finish') || (fault === 'artifact-damaged' && phase === 'staging');
}
