import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { InstanceDirectory } from '../../adapters/libvirt/instance-directory.ts';
import type { LibvirtHostOptions } from '../../adapters/libvirt/libvirt-host-options.ts';
import { LibvirtHost } from '../../adapters/libvirt/libvirt-host.ts';
import type { InstanceId } from '../../domain/shared/ids.ts';

/** A host whose disk may damage one file while it is written: the write succeeds, and one byte is another one. */
export class DamagingLibvirtHost extends LibvirtHost {
  /** Name of the file that will be damaged; null: none. */
  damages: string | null = null;
  readonly #instancesPathOutside: string;

  constructor(options: LibvirtHostOptions, instancesPathOutside: string) {
    super(options);
    this.#instancesPathOutside = instancesPathOutside;
  }

  override directory(instanceId: InstanceId): InstanceDirectory {
    const damage = (name: string): Promise<void> =>
      name === this.damages ? flipOneByte(join(this.#instancesPathOutside, instanceId, name)) : Promise.resolve();
    return new DamagingDirectory(this, instanceId, damage);
  }
}

class DamagingDirectory extends InstanceDirectory {
  readonly #damage: (name: string) => Promise<void>;

  constructor(host: LibvirtHost, instanceId: InstanceId, damage: (name: string) => Promise<void>) {
    super(host.connections, host.options, instanceId);
    this.#damage = damage;
  }

  override async upload(...given: Parameters<InstanceDirectory['upload']>): ReturnType<InstanceDirectory['upload']> {
    const uploaded = await super.upload(...given);
    await this.#damage(basename(given[0].key));
    return uploaded;
  }
}

async function flipOneByte(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, 0);
    byte[0] = (byte[0] ?? 0) ^ 1;
    await file.write(byte, 0, 1, 0);
  } finally {
    await file.close();
  }
}
