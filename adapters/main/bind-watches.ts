import type { Container } from 'inversify';
import { PowerStateSynchroniser } from '../../application/power-state-synchroniser.ts';
import { RescueTimeout } from '../../application/rescue-timeout.ts';
import type { Configuration } from './configuration.ts';
import { ImageCacheWatch } from './image-cache-watch.ts';
import { TOKENS } from './tokens.ts';

const MS_PER_SECOND = 1000;

/** Binds what looks after servers by itself, without anybody's request. */
export function bindWatches(container: Container, configuration: Configuration): void {
  const shared = () => ({
    computeApi: container.get(TOKENS.computeApi),
    eventStore: container.get(TOKENS.eventStore),
    hosts: container.get(TOKENS.hosts),
    views: container.get(TOKENS.views),
    clock: container.get(TOKENS.clock),
    ids: container.get(TOKENS.ids),
    log: container.get(TOKENS.log),
  });
  container.bind(TOKENS.powerStates).toDynamicValue(() => {
    const intervalMs = configuration.powerStateSyncSeconds * MS_PER_SECOND;
    return new PowerStateSynchroniser({ ...shared(), intervalMs });
  });
  container.bind(TOKENS.imageCaches).toDynamicValue(() => {
    const { hosts: computeHosts, clock, log } = shared();
    const hosts = container.get(TOKENS.hypervisors).libvirtHosts;
    const serves = ({ options }: (typeof hosts)[number]): boolean =>
      computeHosts.all().some(({ host }) => host === options.host);
    return new ImageCacheWatch({ hosts, serves, clock, log });
  });
  container.bind(TOKENS.rescueTimeout).toDynamicValue(() => {
    const timeoutMs = configuration.rescueTimeoutSeconds * MS_PER_SECOND;
    return new RescueTimeout({ ...shared(), timeoutMs });
  });
}
