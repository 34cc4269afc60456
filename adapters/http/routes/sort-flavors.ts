import type { Flavor } from '../../../application/ports/flavors.ts';
import { badRequest, type HttpAnswer } from '../http-answer.ts';
import { pythonRepr } from '../python-repr.ts';

/** What all flavors here have in common: those of one key stay in the order of the catalogue. */
const alike = (): number => 0;

const SORT_KEYS = {
  created_at: alike,
  description: ({ description }: Flavor) => description ?? '',
  disabled: alike,
  ephemeral_gb: ({ ephemeralGiB }: Flavor) => ephemeralGiB ?? 0,
  flavorid: ({ id }: Flavor) => id,
  id: alike,
  is_public: ({ isPublic }: Flavor) => Number(isPublic ?? true),
  memory_mb: ({ ramMiB }: Flavor) => ramMiB,
  name: ({ name }: Flavor) => name,
  root_gb: ({ diskGiB }: Flavor) => diskGiB,
  rxtx_factor: alike,
  swap: ({ swapMiB }: Flavor) => swapMiB ?? 0,
  updated_at: alike,
  vcpu_weight: alike,
  vcpus: ({ vcpus }: Flavor) => vcpus,
} as const;

const ALLOWED: ReadonlyMap<string, readonly string[]> = new Map([
  ['sort_key', Object.keys(SORT_KEYS)],
  ['sort_dir', ['asc', 'desc']],
]);

/** Null when flavors can be sorted so. */
export function refuseFlavorOrder(query: URLSearchParams): HttpAnswer | null {
  for (const [name, allowed] of ALLOWED) {
    const wrong = query.getAll(name).find((value) => !allowed.includes(value));
    if (wrong !== undefined) {
      const complaint = `${pythonRepr(wrong)} is not one of ${pythonRepr(allowed)}`;
      return badRequest(`Invalid input for query parameters ${name}. Value: ${wrong}. ${complaint}`);
    }
  }
  return null;
}

/** By the first sort key alone, as in Nova; by id when none is given. */
export function sortedFlavors(flavors: readonly Flavor[], query: URLSearchParams): readonly Flavor[] {
  const asked = query.get('sort_key') ?? 'flavorid';
  const keyOf = isSortKey(asked) ? SORT_KEYS[asked] : alike;
  const ascending = flavors.toSorted((one, other) => compare(keyOf(one), keyOf(other)));
  return query.get('sort_dir') === 'desc' ? ascending.toReversed() : ascending;
}

const isSortKey = (key: string): key is keyof typeof SORT_KEYS => Object.hasOwn(SORT_KEYS, key);

function compare<Value extends string | number>(one: Value, other: Value): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
