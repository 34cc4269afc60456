import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { outcomeOf } from './call-outcome.ts';
import { domainCapabilities } from './domain-capabilities.ts';
import { definitionFacts } from './domain-disks.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import { missingInCapabilities } from './missing-capabilities.ts';
import { CONNECT_COMPARE_HYPERVISOR_CPU } from './rpc/procedures.ts';
import { find, parseXml, rootOf, serializeElement, type Element } from './xml-document.ts';

/** virConnectCompareCPUFlags: answer with an error that names the features. */
const FAIL_INCOMPATIBLE = 1;

/**
 * Whether this host can run a definition as it reads here, by libvirt's own word: its machine type, firmware, devices
 * and processor. The refusal names what is missing. Creates nothing.
 */
export async function checkDefinition(host: LibvirtHost, definition: string): Promise<Outcome<null>> {
  const domain = rootOf(parseXml(definition));
  const machine = definitionFacts(definition);
  const capabilities = await domainCapabilities(host, machine);
  if (capabilities.outcome !== 'succeeded') return capabilities;
  const missing = missingInCapabilities(domain, capabilities.value);
  if (missing.length > 0) return failed(`${host.options.host} has no ${missing.join(', no ')}`);
  const cpu = find(domain, 'cpu');
  return cpu === null || find(cpu, 'model') === null ? succeeded(null) : compareCpu(host, machine, cpu);
}

async function compareCpu(
  host: LibvirtHost,
  { architecture: arch, machineType: machine }: { readonly architecture: string; readonly machineType: string },
  cpu: Element,
): Promise<Outcome<null>> {
  const { virtType } = host.options;
  const question = { emulator: null, arch, machine, virtType, xmlCpu: serializeElement(cpu), flags: FAIL_INCOMPATIBLE };
  const answer = await host.connections.call(CONNECT_COMPARE_HYPERVISOR_CPU, question);
  if (answer.outcome === 'succeeded') return succeeded(null);
  const model = find(cpu, 'model')?.textContent ?? '';
  return outcomeOf(
    answer.outcome === 'failed' ? { ...answer } : answer,
    `${host.options.host} cannot give CPU ${model}`,
  );
}
