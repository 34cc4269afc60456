import { SimulatedCloud, type EffectName } from '../../../adapters/simulated/simulated-cloud.ts';
import type { SimulatedGuest } from '../../../adapters/simulated/simulated-guest.ts';
import type { SimulatedFile, SimulatedHost } from '../../../adapters/simulated/simulated-host.ts';
import type { InstanceId } from '../../../domain/shared/ids.ts';

type Watcher = (instanceId: InstanceId, what: string) => void;

/** A cloud that shows every change to a watcher at the moment it is made: what is wrong for an instant is wrong. */
export class WatchedCloud extends SimulatedCloud {
  #watcher: Watcher = () => undefined;

  watch(watcher: Watcher): void {
    this.#watcher = watcher;
  }

  override putGuest(host: SimulatedHost, instanceId: InstanceId, guest: SimulatedGuest, effect: EffectName): void {
    super.putGuest(host, instanceId, guest, effect);
    this.#watcher(instanceId, `${effect} on ${host.name}`);
  }

  override removeGuest(host: SimulatedHost, instanceId: InstanceId): void {
    super.removeGuest(host, instanceId);
    this.#watcher(instanceId, `guest removed on ${host.name}`);
  }

  override writeFile(host: SimulatedHost, instanceId: InstanceId, name: string, file: SimulatedFile): void {
    super.writeFile(host, instanceId, name, file);
    this.#watcher(instanceId, `${name} written on ${host.name}`);
  }

  override removeFile(host: SimulatedHost, instanceId: InstanceId, name: string): void {
    super.removeFile(host, instanceId, name);
    this.#watcher(instanceId, `${name} removed on ${host.name}`);
  }

  override removeDirectory(host: SimulatedHost, instanceId: InstanceId): void {
    super.removeDirectory(host, instanceId);
    this.#watcher(instanceId, `directory removed on ${host.name}`);
  }
}
