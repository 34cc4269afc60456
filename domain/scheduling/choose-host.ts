import type { FlavorSnapshot } from '../instance/boot-images.ts';
import type { HostName } from '../shared/ids.ts';

/** What a scheduler may know of a host. Null: it has not answered yet. */
export type Candidate = {
  readonly host: HostName;
  readonly up: boolean;
  readonly disabled: boolean;
  readonly vcpus: number | null;
  readonly memoryFreeMiB: number | null;
  readonly diskFreeGiB: number | null;
  /** Left out: nobody asked for a particular company. */
  readonly placement?: { readonly refusal: string | null; readonly preference: number };
};

export type HostChoice = {
  /** In the order in which they are to be tried. */
  readonly hosts: readonly HostName[];
  /** Why each of the others is not among them. */
  readonly refused: readonly { readonly host: HostName; readonly reason: string }[];
};

/** Enabled, up, not excluded, large enough, in the company asked for; what suits a soft wish, then most free memory first, then by name so that a replay chooses alike. */
export function chooseHosts(
  candidates: readonly Candidate[],
  flavor: FlavorSnapshot,
  requested: HostName | null,
  excluded: readonly HostName[],
): HostChoice {
  const judged = candidates
    .filter(({ host }) => requested === null || host === requested)
    .map((candidate) => ({ candidate, reason: refuseHost(candidate, flavor, excluded) }));
  const hosts = judged
    .filter(({ reason }) => reason === null)
    .map(({ candidate }) => candidate)
    .toSorted(
      (a, b) =>
        (b.placement?.preference ?? 0) - (a.placement?.preference ?? 0) ||
        (b.memoryFreeMiB ?? 0) - (a.memoryFreeMiB ?? 0) ||
        (a.host < b.host ? -1 : 1),
    )
    .map(({ host }) => host);
  const refused = judged.flatMap(({ candidate, reason }) =>
    reason === null ? [] : [{ host: candidate.host, reason }],
  );
  return { hosts, refused };
}

const MIB_PER_GIB = 1024;

function refuseHost(candidate: Candidate, flavor: FlavorSnapshot, excluded: readonly HostName[]): string | null {
  const { host, up, disabled, vcpus, memoryFreeMiB, diskFreeGiB, placement } = candidate;
  if (excluded.includes(host)) return 'the server is there already';
  if (disabled) return 'its compute service is disabled';
  if (!up) return 'its compute service is down';
  if (vcpus === null || memoryFreeMiB === null || diskFreeGiB === null) return 'it has not reported its resources yet';
  if (vcpus < flavor.vcpus) return `it has ${vcpus} vCPUs, the flavor needs ${flavor.vcpus}`;
  if (memoryFreeMiB < flavor.ramMiB)
    return `it has ${memoryFreeMiB} MiB of memory free, the flavor needs ${flavor.ramMiB}`;
  const neededGiB = flavor.diskGiB + (flavor.ephemeralGiB ?? 0) + Math.ceil((flavor.swapMiB ?? 0) / MIB_PER_GIB);
  if (diskFreeGiB < neededGiB) return `it has ${diskFreeGiB} GiB of disk free, the flavor needs ${neededGiB}`;
  return placement?.refusal ?? null;
}

/** Nova's sentence when the list is empty. */
export const NO_VALID_HOST = 'No valid host was found. There are not enough hosts available.';

/** As it is when the one host that was asked for is disabled or full: Nova's placement then has nothing to choose from. */
const NOTHING_TO_CHOOSE_FROM = 'No valid host was found. ';

/** Why nobody can take a server of this flavor, in Nova's words (nova.md B.4 5a). */
export function noValidHost(
  candidates: readonly Candidate[],
  flavor: FlavorSnapshot,
  requested: HostName | null,
): string {
  const only = candidates.find(({ host }) => host === requested);
  const isFull = only !== undefined && refuseHost({ ...only, up: true, disabled: false }, flavor, []) !== null;
  return only?.disabled === true || isFull ? NOTHING_TO_CHOOSE_FROM : NO_VALID_HOST;
}

/** The sentence, and under it why each host was refused: the rest is for administrators. */
export function withReasons(sentence: string, refused: HostChoice['refused']): string {
  return [sentence, ...refused.map(({ host, reason }) => `${host}: ${reason}`)].join('\n');
}

/** The sentence alone, as clients know it. */
export function sentenceOf(reason: string): string {
  return reason.split('\n', 1)[0] ?? reason;
}
