import {
  DOMAIN_GET_JOB_STATS,
  DOMAIN_MIGRATE_FINISH3_PARAMS,
  DOMAIN_MIGRATE_PERFORM3_PARAMS,
} from '../../../adapters/libvirt/rpc/procedures.ts';
import { STORAGE_VOL_UPLOAD } from '../../../adapters/libvirt/rpc/storage-procedures.ts';
import { XdrReader } from '../../../adapters/libvirt/rpc/xdr.ts';
import type { Phase } from '../round.ts';
import type { ChaosHost } from './chaos-host.ts';
import type { RelayedFrame } from './libvirt-relay.ts';

export type Route = { readonly source: ChaosHost; readonly destination: ChaosHost };

/** Resolves when the migration that runs between these hosts enters the phase, as the wire shows it; perhaps never. */
export async function phaseBegun(phase: Phase, { source, destination }: Route, signal: AbortSignal): Promise<void> {
  switch (phase) {
    case 'staging':
      await destination.relay.next(callOf(STORAGE_VOL_UPLOAD.number), signal);
      return;
    case 'disk-copy':
      await source.relay.next(callOf(DOMAIN_MIGRATE_PERFORM3_PARAMS.number), signal);
      return;
    case 'memory-copy':
      // libvirt tells the memory's size only once the disks have been copied.
      await source.relay.next(tellsMemory, signal);
      return;
    case 'finish':
      await destination.relay.next(callOf(DOMAIN_MIGRATE_FINISH3_PARAMS.number), signal);
      return;
    case 'rescue':
    case 'unrescue':
      // Begun with the request.
      return;
  }
}

function callOf(procedure: number): (frame: RelayedFrame) => boolean {
  return (frame) => frame.kind === 'call' && frame.procedure === procedure;
}

function tellsMemory({ kind, procedure, ok, payload }: RelayedFrame): boolean {
  if (kind !== 'reply' || procedure !== DOMAIN_GET_JOB_STATS.number || !ok) return false;
  const { params } = DOMAIN_GET_JOB_STATS.reply.decode(new XdrReader(payload));
  return params.some(({ field, value }) => field === 'memory_total' && typeof value === 'bigint' && value > 0n);
}
