/** One planted bug: exactly one text in one file is replaced, and the named tests must notice. */
export type Mutation = {
  readonly name: string;
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** What would happen to somebody if it were so. */
  readonly why: string;
  /** Paths given to vitest. */
  readonly tests: readonly string[];
  /** Needs real libvirt hosts: tried only with `--lab`. */
  readonly lab: boolean;
};

export type MutationText = Omit<Mutation, 'tests' | 'lab'> & {
  readonly tests?: readonly string[];
  readonly lab?: true;
};

/** A list of mutations of which each may name its own tests; the others use the list's. */
export function mutations(tests: readonly string[], list: readonly MutationText[]): readonly Mutation[] {
  return list.map((mutation) => ({ ...mutation, tests: mutation.tests ?? tests, lab: mutation.lab === true }));
}
