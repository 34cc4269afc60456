import { readFileSync } from 'node:fs';
import { LEFT_OUT_TESTS } from './left-out-tests.ts';
import { recordedTests } from './tempest-results.ts';

const COMMON_BEGINNING = 'tempest.api.compute.';
const RECORDED = new URL('../golden/tempest-nova-zed.txt', import.meta.url);

/** Every test that is left out, with its reason; then those that do not pass against a real Nova either. */
export function leftOutTable(): string {
  const all = recordedTests(readFileSync(RECORDED, 'utf8'));
  const failing = all.filter(({ result }) => result === 'FAILED');
  const skipped = all.filter(({ result }) => result === 'SKIPPED');
  const why = [...Map.groupBy(skipped, ({ reason }) => reason)];
  return [
    `Of the ${all.length} recorded tests and classes, ${all.length - failing.length - skipped.length} pass against a real Nova, and are run here. Left out of these:`,
    '',
    ...(LEFT_OUT_TESTS.length === 0 ? ['None: every one of them passes here.'] : leftOutRows()),
    '',
    'Not run, since they fail against a real Nova without Neutron, or with a driver that does not know its uptime:',
    '',
    ...failing.map(({ test }) => `- \`${shortened(test)}\``),
    '',
    'Not run, since Tempest skips them against a real Nova as it was set up there, for the reason that it gives:',
    '',
    '| reason | tests |',
    '|---|---|',
    ...why.map(([reason, tests]) => `| ${reason} | ${tests.map(({ test }) => `\`${shortened(test)}\``).join(', ')} |`),
  ].join('\n');
}

function leftOutRows(): readonly string[] {
  const rows = LEFT_OUT_TESTS.flatMap(({ reason, tests }) =>
    tests.map((test) => `| \`${shortened(test)}\` | ${reason} |`),
  );
  return [`| test, below \`${COMMON_BEGINNING.slice(0, -1)}\` | reason |`, '|---|---|', ...rows];
}

const shortened = (test: string): string => test.replace(COMMON_BEGINNING, '');
