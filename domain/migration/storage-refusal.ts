import type { BlockMigration } from '../instance/instance-events.ts';
import type { HostName } from '../shared/ids.ts';

/**
 * Nova's answer to a `block_migration` that does not fit the storage of the two hosts (nova.md B.5); null when it fits.
 * `auto` always does: what is shared is not copied, and what is not shared is.
 */
export function refuseStorage(blockMigration: BlockMigration, isShared: boolean, source: HostName): string | null {
  if (blockMigration === true && isShared) {
    return `${source} is not on local storage: Block migration can not be used with shared storage.`;
  }
  if (blockMigration === false && !isShared) {
    return (
      `${source} is not on shared storage: Shared storage live-migration requires either shared ` +
      'storage or boot-from-volume with no local disks.'
    );
  }
  return null;
}
