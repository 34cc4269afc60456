import { outcomeOf } from './call-outcome.ts';
import { succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import { CONNECT_GET_DOMAIN_CAPABILITIES } from './rpc/procedures.ts';
import { parseXml, rootOf, type Element } from './xml-document.ts';

export type Machine = { readonly architecture: string; readonly machineType: string };

/** What this host's emulator can be made of: libvirt's `domainCapabilities`. Fails for a machine type it does not have. */
export async function domainCapabilities(host: LibvirtHost, machine: Machine): Promise<Outcome<Element>> {
  const { architecture: arch, machineType } = machine;
  const query = { emulator: null, arch, machine: machineType, virtType: host.options.virtType, flags: 0 };
  const answer = await host.connections.call(CONNECT_GET_DOMAIN_CAPABILITIES, query);
  return answer.outcome === 'succeeded'
    ? succeeded(rootOf(parseXml(answer.value)))
    : outcomeOf({ ...answer }, `${host.options.host} cannot run machine type ${machineType}`);
}
