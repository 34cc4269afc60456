import type { Flavor } from '../../../application/ports/flavors.ts';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import { selfAndBookmark, type Links } from '../links.ts';
import { supports } from '../supports.ts';

export function flavorSummary({ id, name, description }: Flavor, links: Links, microversion: Microversion): object {
  return {
    id,
    name,
    links: selfAndBookmark(links, `flavors/${id}`),
    ...(supports(microversion, 55) ? { description } : {}),
  };
}

/** The fields that no operator can set here have the values of Nova's defaults. */
export function flavorDetail(flavor: Flavor, links: Links, microversion: Microversion): object {
  const hasSwap = (flavor.swapMiB ?? 0) > 0;
  return {
    ...flavorSummary(flavor, links, microversion),
    ram: flavor.ramMiB,
    disk: flavor.diskGiB,
    // Before 2.75 none was an empty text.
    swap: hasSwap ? flavor.swapMiB : supports(microversion, 75) ? 0 : '',
    'OS-FLV-EXT-DATA:ephemeral': flavor.ephemeralGiB ?? 0,
    'OS-FLV-DISABLED:disabled': false,
    vcpus: flavor.vcpus,
    'os-flavor-access:is_public': flavor.isPublic ?? true,
    rxtx_factor: 1,
    ...(supports(microversion, 61) ? { extra_specs: flavor.extraSpecs } : {}),
  };
}
