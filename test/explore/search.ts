import { environmentMoves } from './environment-moves.ts';
import { INVARIANTS } from './invariants.ts';
import type { Rules } from './model-rules.ts';
import { initialWorld, keyOf, type ModelWorld } from './model-world.ts';
import { runnerMoves } from './runner-moves.ts';

export type Violation = {
  readonly invariant: string;
  readonly problem: string;
  /** What happened, from the acceptance of the migration on: the shortest way to the violation. */
  readonly trace: readonly string[];
};

export type SearchResult = {
  readonly states: number;
  readonly moves: number;
  /** Length of the longest of the shortest ways. */
  readonly depth: number;
  /** Every reachable world was looked at; false when `depthMax` or the first violation ended the search. */
  readonly complete: boolean;
  /** How the migrations ended, with the number of distinct final worlds. */
  readonly ends: Readonly<Record<string, number>>;
  readonly violation: Violation | null;
};

export type SearchOptions = {
  readonly faults: number;
  readonly levers: number;
  readonly depthMax: number;
  /** Default: each host has directories of its own. */
  readonly shared?: boolean;
  /** Told after each level of the search. */
  readonly progressed?: (depth: number, states: number) => void;
};

type Visited = { readonly parent: number; readonly label: string };

/** Looks at every world that can be reached from an accepted migration, breadth first, so that a trace is the shortest. */
export function search(rules: Rules, options: SearchOptions): SearchResult {
  const { faults, levers, depthMax, shared = false, progressed } = options;
  const seen = new Set<string>();
  const visited: Visited[] = [];
  const ends: Record<string, number> = {};
  let moves = 0;
  let depth = 0;
  const start = initialWorld(faults, levers, shared);
  seen.add(keyOf(start));
  visited.push({ parent: -1, label: 'the migration is accepted' });
  let level: { readonly world: ModelWorld; readonly index: number }[] = [{ world: start, index: 0 }];
  const result = (violation: Violation | null): SearchResult => ({
    states: visited.length,
    moves,
    depth,
    complete: violation === null && level.length === 0,
    ends,
    violation,
  });
  while (level.length > 0 && depth < depthMax) {
    const next: typeof level = [];
    for (const { world, index } of level) {
      const own = runnerMoves(rules, world);
      if (own.length === 0) ends[world.saga.phase] = (ends[world.saga.phase] ?? 0) + 1;
      for (const [label, reached] of [...own, ...environmentMoves(rules, world)]) {
        moves += 1;
        const key = keyOf(reached);
        if (seen.has(key)) continue;
        seen.add(key);
        visited.push({ parent: index, label });
        const broken = brokenInvariant(rules, reached);
        if (broken !== null) return result({ ...broken, trace: traceTo(visited, visited.length - 1) });
        next.push({ world: reached, index: visited.length - 1 });
      }
    }
    level = next;
    if (level.length > 0) depth += 1;
    progressed?.(depth, visited.length);
  }
  return result(null);
}

function brokenInvariant(rules: Rules, world: ModelWorld): Omit<Violation, 'trace'> | null {
  for (const [invariant, check] of Object.entries(INVARIANTS)) {
    const problem = check(world, rules);
    if (problem !== null) return { invariant, problem };
  }
  return null;
}

function traceTo(visited: readonly Visited[], last: number): readonly string[] {
  const trace: string[] = [];
  for (let index = last; index >= 0; index = visited[index]?.parent ?? -1) trace.unshift(visited[index]?.label ?? '');
  return trace;
}
