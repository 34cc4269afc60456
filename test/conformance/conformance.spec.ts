import { describe, expect, it } from 'vitest';
import { Aliases } from './aliases.ts';
import { comparableRecording, comparableReply } from './comparable.ts';
import { differenceLines } from './difference-lines.ts';
import { goldenPairs } from './golden-pairs.ts';
import { knownDifferences, type KnownDifference } from './known-differences.ts';
import { replayGroup, type Replayed } from './replay.ts';
import { textReport } from './report.ts';
import { verdictOn } from './verdict.ts';

const ALL = goldenPairs();
const KNOWN = knownDifferences();
const GROUPS = [...new Set(ALL.map(({ group }) => group))];
const TIMEOUT_MS = 120_000;

describe('what a real Nova answered', () => {
  it.each(GROUPS)(
    'in group %s is answered here, or the reason is known',
    async (group) => {
      const replayed = await replayGroup(group, ALL, KNOWN);
      const { unexplained, stale, total } = verdictOn(replayed, KNOWN);
      expect(unexplained.map(({ pair, ...rest }) => [pair.n, rest])).toEqual([]);
      expect(stale).toEqual([]);
      expect(total.statuses).toBe(total.replayed);
      expect(total.replayed + total.notServed + total.leftOut).toBe(ALL.filter((pair) => pair.group === group).length);
    },
    TIMEOUT_MS,
  );
});

describe('the verdict', () => {
  const [pair] = ALL;
  if (pair === undefined) throw new Error('nothing is recorded');
  const same = { outcome: 'compared', statusMatches: true, bodyMatches: true, headersMatch: true } as const;
  const row = (change: Partial<Extract<Replayed, { outcome: 'compared' }>>): Replayed => ({
    pair,
    ...same,
    differences: [],
    ...change,
  });
  const differs = row({ bodyMatches: false, differences: ['- body: 1', '+ body: 2'] });
  const many = (count: number) => Array.from({ length: count }, () => row({}));
  const listed: readonly KnownDifference[] = [{ kind: 'body', n: [pair.n], reason: 'because' }];

  it('is met by answers that are all the same, and not by one other status', () => {
    expect(verdictOn(many(3), []).met).toBe(true);
    expect(verdictOn([...many(300), row({ statusMatches: false, differences: ['- status: 1'] })], listed).met).toBe(
      false,
    );
  });

  it('is met with a few other bodies when each has a reason, and not with more', () => {
    const rows = [differs, ...many(99).map((other) => ({ ...other, pair: { ...pair, n: -1 } }))];
    expect(verdictOn(rows, listed).met).toBe(true);
    expect(verdictOn(rows, []).unexplained).toEqual([differs]);
    expect(verdictOn([differs, ...rows.slice(0, 10)], listed).met).toBe(false);
  });

  it('is not met by a reason for what is no difference, nor by a context nobody explained', () => {
    expect(verdictOn(many(3), listed)).toMatchObject({ stale: [pair.n, pair.n, pair.n], met: false });
    expect(verdictOn([{ pair, outcome: 'noSuchContext', why: 'cannot' }], []).met).toBe(false);
  });

  it('is told with every mismatch as a diff, and how many matched of each group', () => {
    const text = textReport([differs, ...many(1)], verdictOn([differs, ...many(1)], []), []);
    expect(text).toContain('  - body: 1\n  + body: 2\n  reason: NOT LISTED');
    expect(text).toMatch(/^versions +2 +2 +2\/2 +1\/2 +2\/2/m);
    expect(text.endsWith('The bar is NOT met.')).toBe(true);
  });
});

describe('the comparison', () => {
  const id = '0f9e8d7c-1111-4111-8111-111111111111';
  const ours = '1a2b3c4d-2222-4222-8222-222222222222';
  const aliases = new Aliases();
  aliases.learn(id, ours);
  const reply = (body: object) =>
    comparableReply({ status: 200, headers: new Map([['vary', ['a', 'b']]]), text: JSON.stringify(body) }, aliases);
  const recorded = (body: object, vary = 'a || b') =>
    comparableRecording(
      { status: 200, headers: { Vary: vary }, text: aliases.translated(JSON.stringify(body)) },
      aliases,
    );

  it('sees another id, another sentence, a missing field, null for a time, a header sent once', () => {
    const at = '2026-11-23T08:15:07.000000';
    const same = [
      recorded({ id, at, message: 'x' }),
      reply({ id: ours, at: '2026-11-24T01:02:03.123456', message: 'x' }),
    ];
    expect(differenceLines(same[0], same[1])).toEqual([]);
    for (const other of [
      { id: '1a2b3c4d-9999-4999-8999-999999999999', at, message: 'x' },
      { id: ours, at, message: 'y' },
      { id: ours, message: 'x' },
      { id: ours, at: null, message: 'x' },
      { id: ours, at: '2026-11-24T01:02:03Z', message: 'x' },
    ]) {
      expect(differenceLines(same[0], reply(other))).not.toEqual([]);
    }
    expect(differenceLines(recorded({}, 'a'), reply({}))).toEqual(['+ headers.vary[1]: "b"']);
  });

  it('writes what is missing and what is too much', () => {
    expect(differenceLines({ a: 1, b: [1] }, { b: [1, 2], c: null })).toEqual(['- a: 1', '+ b[1]: 2', '+ c: null']);
  });
});
