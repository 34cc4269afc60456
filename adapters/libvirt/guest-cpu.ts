import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { domainCapabilities, type Machine } from './domain-capabilities.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import { attribute, childrenOf, find, xml, type Element, type XmlTree } from './xml-document.ts';

/**
 * The `<cpu>` of a new server; null leaves the choice to the hypervisor, which writes it down when it defines the guest.
 * Always a model with a name: `host-model` would be another processor on every host that the server comes to.
 */
export async function cpuElement(host: LibvirtHost, machine: Machine): Promise<Outcome<XmlTree | null>> {
  const { cpu } = host.options.devices;
  switch (cpu.mode) {
    case 'hypervisorDefault':
      return succeeded(null);
    case 'custom':
      return succeeded(named(xml('model', { fallback: 'forbid' }, cpu.model)));
    case 'hostModel': {
      const capabilities = await domainCapabilities(host, machine);
      if (capabilities.outcome !== 'succeeded') return capabilities;
      const model = hostModel(capabilities.value);
      return model === null
        ? failed(`${host.options.host} tells no host model for machine type ${machine.machineType}`)
        : succeeded(model);
    }
  }
}

/** libvirt's own description of the processor most like the host's, as a model with a name; null when it has none. */
export function hostModel(capabilities: Element): XmlTree | null {
  const cpu = find(capabilities, 'cpu');
  const mode =
    cpu === null ? undefined : childrenOf(cpu, 'mode').find((one) => attribute(one, 'name') === 'host-model');
  const model = mode === undefined ? null : find(mode, 'model');
  if (mode === undefined || model === null || attribute(mode, 'supported') !== 'yes') return null;
  const features = childrenOf(mode, 'feature').map((feature) =>
    xml('feature', { policy: attribute(feature, 'policy') ?? 'require', name: attribute(feature, 'name') ?? '' }),
  );
  const vendor = find(mode, 'vendor')?.textContent ?? null;
  return named(
    xml('model', { fallback: 'forbid' }, model.textContent ?? ''),
    ...(vendor === null ? [] : [xml('vendor', {}, vendor)]),
    ...features,
  );
}

/** `check='partial'`: libvirt refuses to start a guest whose processor the host cannot give. */
function named(...children: readonly XmlTree[]): XmlTree {
  return xml('cpu', { mode: 'custom', match: 'exact', check: 'partial' }, ...children);
}
