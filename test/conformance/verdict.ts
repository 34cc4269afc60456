import { differenceOf, type KnownDifference } from './known-differences.ts';
import type { Replayed } from './replay.ts';

export const BODIES_MIN = 0.97;

export type GroupTally = {
  readonly group: string;
  readonly recorded: number;
  readonly notServed: number;
  readonly leftOut: number;
  readonly replayed: number;
  readonly statuses: number;
  readonly bodies: number;
  readonly headers: number;
};

export type Verdict = {
  readonly groups: readonly GroupTally[];
  readonly total: GroupTally;
  /** Differences, and contexts out of reach, that nobody has given a reason for. */
  readonly unexplained: readonly Replayed[];
  /** Pairs that are listed as different and are not. */
  readonly stale: readonly number[];
  readonly met: boolean;
};

/** 100 % of statuses, BODIES_MIN of bodies, and a reason for whatever differs. */
export function verdictOn(replayed: readonly Replayed[], known: readonly KnownDifference[]): Verdict {
  const names = [...new Set(replayed.map(({ pair }) => pair.group))];
  const groups = names.map((group) =>
    tallyOf(
      group,
      replayed.filter(({ pair }) => pair.group === group),
    ),
  );
  const total = tallyOf('all', replayed);
  const unexplained = replayed.filter((row) => needsReason(row) && !explains(differenceOf(known, row.pair.n), row));
  const stale = replayed.filter((row) => isStale(differenceOf(known, row.pair.n), row)).map(({ pair }) => pair.n);
  const met =
    total.statuses === total.replayed &&
    total.bodies >= total.replayed * BODIES_MIN &&
    unexplained.length === 0 &&
    stale.length === 0;
  return { groups, total, unexplained, stale, met };
}

function tallyOf(group: string, rows: readonly Replayed[]): GroupTally {
  const compared = rows.filter((row) => row.outcome === 'compared');
  return {
    group,
    recorded: rows.length,
    notServed: rows.filter(({ outcome }) => outcome === 'notServed').length,
    leftOut: rows.filter(({ outcome }) => outcome === 'noSuchContext').length,
    replayed: compared.length,
    statuses: compared.filter(({ statusMatches }) => statusMatches).length,
    bodies: compared.filter(({ bodyMatches }) => bodyMatches).length,
    headers: compared.filter(({ headersMatch }) => headersMatch).length,
  };
}

const needsReason = (row: Replayed): boolean =>
  row.outcome === 'noSuchContext' || (row.outcome === 'compared' && row.differences.length > 0);

function explains(known: KnownDifference | null, row: Replayed): boolean {
  if (known === null) return false;
  return known.kind === (row.outcome === 'noSuchContext' ? 'context' : 'body');
}

function isStale(known: KnownDifference | null, row: Replayed): boolean {
  if (known === null || known.kind === 'otherwise') return false;
  return !needsReason(row) && row.outcome !== 'notServed';
}
