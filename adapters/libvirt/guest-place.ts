import type { GuestDescription } from '../../application/ports/hypervisor-driver.ts';
import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import type { PluggedInterface } from './guest-devices.ts';
import type { LibvirtHostOptions } from './libvirt-host-options.ts';
import type { DefinitionPlace } from './place-definition.ts';

type Guest = Pick<GuestDescription, 'instanceId' | 'networkInterfaces'>;

/** Where the server's interfaces go on this host, in the order in which the guest sees them. */
export function plugInterfaces(
  { host, devices }: LibvirtHostOptions,
  { networkInterfaces }: Guest,
): Outcome<readonly PluggedInterface[]> {
  const plugged: PluggedInterface[] = [];
  for (const of of networkInterfaces) {
    const into = devices.networks.get(of.networkId);
    if (into === undefined) return failed(`${host} has no network ${of.networkId}, which ${of.macAddress} is on`);
    plugged.push({ of, into });
  }
  return succeeded(plugged);
}

/** What this host puts in place of another host's own in a definition of the server. */
export function placeOn(options: LibvirtHostOptions, guest: Guest): Outcome<DefinitionPlace> {
  const plugged = plugInterfaces(options, guest);
  if (plugged.outcome !== 'succeeded') return plugged;
  const { instancesPath, disksPath = null, devices } = options;
  return succeeded({
    instanceId: guest.instanceId,
    instancesPath,
    disksPath,
    listenAddress: devices.listenAddress,
    uefi: devices.uefi,
    interfaces: new Map(plugged.value.map(({ of, into }) => [of.macAddress.toLowerCase(), into])),
  });
}
