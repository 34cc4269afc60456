import type { Clock } from '../../application/ports/clock.ts';
import type { GuestDescription, RescueOutcome } from '../../application/ports/hypervisor-driver.ts';
import type { FlavorSnapshot } from '../../domain/instance/boot-images.ts';
import { succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { shutDown } from './guest-lifecycle.ts';
import { XML_INACTIVE, XML_SECURE, type LibvirtHost } from './libvirt-host.ts';
import { findRootDisk } from './root-disk.ts';
import type { RemoteDomain } from './rpc/remote-objects.ts';
import { childrenOf, elementOf, find, parseXml, remove, rootOf, serializeXml, xml } from './xml-document.ts';

const GIB = 1024 ** 3;

/** See GuestLifecycle.resize. A disk is only ever grown: what an owner has written is not cut off. */
export async function resize(
  host: LibvirtHost,
  clock: Clock,
  guest: GuestDescription,
  start: boolean,
): Promise<RescueOutcome> {
  const found = await host.lookUp(guest.instanceId);
  if (found.outcome !== 'succeeded') return { ...found, guestAffected: false };
  const domain = found.value;
  if (domain === null) {
    return { outcome: 'failed', reason: `${host.options.host} has no guest ${guest.instanceId}`, guestAffected: false };
  }
  const before = await host.definition(domain, XML_INACTIVE | XML_SECURE);
  if (before.outcome !== 'succeeded') return { ...before, guestAffected: false };
  const off = await shutDown(host, clock, domain);
  if (off.outcome !== 'succeeded') return { ...off, guestAffected: true };
  const done = await redefine(host, guest, { before: before.value, domain, start });
  return done.outcome === 'succeeded' ? done : { ...done, guestAffected: true };
}

type Redefinition = { readonly before: string; readonly domain: RemoteDomain; readonly start: boolean };

async function redefine(
  host: LibvirtHost,
  guest: GuestDescription,
  { before, domain, start }: Redefinition,
): Promise<Outcome<null>> {
  const grown = await growRootDisk(host, guest);
  if (grown.outcome !== 'succeeded') return grown;
  const defined = await host.define(withFlavor(before, guest.flavor));
  if (defined.outcome !== 'succeeded') return defined;
  return start ? host.start(domain) : succeeded(null);
}

async function growRootDisk(host: LibvirtHost, { instanceId, flavor }: GuestDescription): Promise<Outcome<null>> {
  const root = await findRootDisk(host, instanceId);
  if (root.outcome !== 'succeeded') return root;
  const { volumes, pool, name } = root.value;
  const capacity = await volumes.capacityBytes(pool, name);
  if (capacity.outcome !== 'succeeded') return capacity;
  const wanted = flavor.diskGiB * GIB;
  return capacity.value >= wanted ? succeeded(null) : volumes.grow(pool, name, wanted);
}

/** The definition with another flavor's memory and processors; everything else stays. */
export function withFlavor(definition: string, { ramMiB, vcpus }: FlavorSnapshot): string {
  const document = parseXml(definition);
  const domain = rootOf(document);
  const name = find(domain, 'name');
  for (const old of ['memory', 'currentMemory', 'vcpu']) {
    for (const element of childrenOf(domain, old)) remove(element);
  }
  const sizes = [xml('memory', { unit: 'MiB' }, String(ramMiB)), xml('vcpu', {}, String(vcpus))];
  for (const tree of sizes) domain.insertBefore(elementOf(document, tree), name);
  return serializeXml(document);
}
