import { parseArgs } from 'node:util';
import { goldenPairs, type GoldenPair } from './golden-pairs.ts';
import { knownDifferences } from './known-differences.ts';
import { replayGroup, type Replayed } from './replay.ts';
import { textReport } from './report.ts';
import { verdictOn } from './verdict.ts';

const HELP = `npm run conformance [-- --group NAME] [--json]

Asks this program what a real Nova (Zed) was asked, and compares the answers: status, body, headers. Each group of
test/golden/nova-zed.jsonl gets a fresh server on two simulated hosts, and each pair the context it names.

  --group NAME   only groups whose name begins so; may be repeated
  --json         one JSON document instead of text: the tally of each group, and each pair
  --help         this text

Exit 0: every status is the same, at least 97 % of bodies are, and everything that differs has its reason in
test/conformance/differences.json. 1: not so. 2: wrong usage.

  npm run conformance -- --group servers
  npm run --silent conformance -- --json | jq .total`;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = {
    group: { type: 'string', multiple: true },
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  } as const;
  const { values } = parseArgs({ options });
  if (values.help === true) {
    console.log(HELP);
    return 0;
  }
  const all = goldenPairs();
  const wanted = values.group ?? [''];
  const groups = [...new Set(all.map(({ group }) => group))].filter((group) =>
    wanted.some((name) => group.startsWith(name)),
  );
  if (groups.length === 0) {
    console.error(`no such group; there are: ${[...new Set(all.map(({ group }) => group))].join(', ')}`);
    return 2;
  }
  return report(await replayAll(groups, all), values.json === true);
}

async function replayAll(groups: readonly string[], all: readonly GoldenPair[]): Promise<readonly Replayed[]> {
  const replayed: Replayed[] = [];
  for (const group of groups) replayed.push(...(await replayGroup(group, all, knownDifferences())));
  return replayed;
}

function report(replayed: readonly Replayed[], asJson: boolean): number {
  const known = knownDifferences();
  const verdict = verdictOn(replayed, known);
  if (asJson) {
    const pairs = replayed.map(({ pair, ...rest }) => ({ n: pair.n, group: pair.group, note: pair.note, ...rest }));
    const { groups, total, stale, met } = verdict;
    const unexplained = verdict.unexplained.map(({ pair }) => pair.n);
    console.log(JSON.stringify({ met, total, groups, unexplained, stale, pairs }, null, 2));
  } else {
    console.log(textReport(replayed, verdict, known));
  }
  return verdict.met ? 0 : 1;
}
