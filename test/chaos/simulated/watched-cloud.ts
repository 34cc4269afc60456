import { SimulatedCloud, type EffectName } from '../../../adapters/simulated/simulated-cloud.ts';
import type { SimulatedGuest } from '../../../adapters/simulated/simulated-guest.ts';
import type { SimulatedFile, SimulatedHost } from '../../../adapters/simulated/simulated-host.ts';
import type { InstanceId } from '../../../domain/shared/ids.ts';

type Watcher = (instanceId: InstanceId, what: string) => void;

/** A cloud that shows every change to a watcher at the moment it is made: what is wrong for an instant is wrong. */
export class WatchedCloud extends SimulatedCloud {
  readonly #watchers = new Set<Watcher>();

  /** Returns what ends it. */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  #tell(instanceId: InstanceId, what: string): void {
    for (const watcher of this.#watchers) watcher(instanceId, what);
  }

  override putGuest(host: SimulatedHost, instanceId: InstanceId, guest: SimulatedGuest, effect: EffectName): void {
    super.putGuest(host, instanceId, guest, effect);
    this.#tell(instanceId, `${effect} on ${host.name}`);
  }

  override removeGuest(host: SimulatedHost, instanceId: InstanceId): void {
    super.removeGuest(host, instanceId);
    this.#tell(instanceId, `guest removed on ${host.name}`);
  }

  override writeFile(host: SimulatedHost, instanceId: InstanceId, name: string, file: SimulatedFile): void {
    super.writeFile(host, instanceId, name, file);
    this.#tell(instanceId, `${name} written on ${host.name}`);
  }

  override removeFile(host: SimulatedHost, instanceId: InstanceId, name: string): void {
    super.removeFile(host, instanceId, name);
    this.#tell(instanceId, `${name} removed on ${host.name}`);
  }

  override removeDirectory(host: SimulatedHost, instanceId: InstanceId): void {
    super.removeDirectory(host, instanceId);
    this.#tell(instanceId, `directory removed on ${host.name}`);
  }
}
