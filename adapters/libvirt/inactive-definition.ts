import { succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { XML_INACTIVE, XML_SECURE, XML_UPDATE_CPU, type LibvirtHost } from './libvirt-host.ts';
import type { RemoteDomain } from './rpc/remote-objects.ts';
import { attribute, find, parseXml, rootOf, serializeXml } from './xml-document.ts';

/**
 * What libvirt starts the guest with next, secrets included. A processor that is only described by its host
 * (`host-model`) is named as the one that the guest runs with: on another host, or after an update of this one, the
 * description would stand for another processor.
 */
export async function inactiveDefinition(host: LibvirtHost, domain: RemoteDomain, flags = 0): Promise<Outcome<string>> {
  const definition = await host.definition(domain, XML_INACTIVE | XML_SECURE | flags);
  if (definition.outcome !== 'succeeded' || !hasHostModel(definition.value)) return definition;
  // Of a guest that runs, its own; of one that is off, what it would be given now.
  const expanded = await host.definition(domain, XML_UPDATE_CPU);
  return expanded.outcome === 'succeeded' ? succeeded(withCpuOf(definition.value, expanded.value)) : expanded;
}

function hasHostModel(definition: string): boolean {
  return attribute(find(rootOf(parseXml(definition)), 'cpu'), 'mode') === 'host-model';
}

/** The first definition with the `<cpu>` of the second; as it is when either has none. */
export function withCpuOf(definition: string, other: string): string {
  const document = parseXml(definition);
  const domain = rootOf(document);
  const old = find(domain, 'cpu');
  const cpu = find(rootOf(parseXml(other)), 'cpu');
  if (old === null || cpu === null) return definition;
  domain.replaceChild(document.importNode(cpu, true), old);
  return serializeXml(document);
}
