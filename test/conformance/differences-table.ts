import { goldenPairs, type GoldenPair } from './golden-pairs.ts';
import { knownDifferences, type KnownDifference } from './known-differences.ts';

const TITLES: Readonly<Record<KnownDifference['kind'], string>> = {
  otherwise: 'Nova itself would answer otherwise here; that answer is compared',
  body: 'The status is the same, something in the body is not',
  context: 'Not asked: no server here can be in that state',
};

/** The generated part of docs/conformance.md: every difference with its pairs and its reason. */
export function differencesTable(): string {
  const pairs = new Map(goldenPairs().map((pair) => [pair.n, pair]));
  return Object.entries(TITLES)
    .flatMap(([kind, title]) => {
      const rows = knownDifferences().filter((difference) => difference.kind === kind);
      return rows.length === 0
        ? []
        : [`### ${title}`, ['| pairs | why |', '|---|---|', ...rows.map((row) => line(row, pairs))].join('\n')];
    })
    .join('\n\n');
}

function line({ n, reason }: KnownDifference, pairs: ReadonlyMap<number, GoldenPair>): string {
  const named = n.map((number) => `${number} ${cell(pairs.get(number)?.note ?? 'is not recorded')}`);
  return `| ${named.join('<br>')} | ${cell(reason)} |`;
}

/** Of a recorded note, which may hold anything. */
const cell = (text: string): string => text.replaceAll('|', String.raw`\|`).replaceAll(/[<>[\]_*`]/g, String.raw`\$&`);
