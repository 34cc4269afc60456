import type { InstanceId } from '../../domain/shared/ids.ts';
import { DirectoryPool } from './directory-pool.ts';
import type { LibvirtConnections } from './libvirt-connections.ts';
import type { LibvirtHostOptions } from './libvirt-host-options.ts';

/** One server's directory on one host. */
export class InstanceDirectory extends DirectoryPool {
  constructor(connections: LibvirtConnections, { instancesPath }: LibvirtHostOptions, instanceId: InstanceId) {
    super(connections, `${instancesPath}/${instanceId}`, `lifeboat-${instanceId}`);
  }
}
