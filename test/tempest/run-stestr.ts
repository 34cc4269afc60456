import { mkdirSync, writeFileSync } from 'node:fs';
import { runCommand } from '../lab/run-command.ts';
import { parseResults, type TempestResult } from './tempest-results.ts';
import { accountsFile, tempestConf, type TempestCloud } from './tempest-settings.ts';

const RUN_DEADLINE_MS = 3_600_000;
const DISCOVER = '/usr/lib/python3/dist-packages';
const NOTHING_MATCHES = /no tests to run|The specified regex doesn't match/i;

export type TempestRun = {
  readonly cloud: TempestCloud;
  /** Regular expressions, as stestr takes them. */
  readonly patterns: readonly string[];
  readonly workers: number;
  /** The place of the plugin for `PYTHONPATH`. */
  readonly plugin: string;
  readonly said: (text: string) => void;
};

/**
 * Runs the tests with Debian's Tempest in a directory of their own. None when no test is called as the patterns say.
 * Throws when nothing could be run at all.
 */
export async function runStestr(run: TempestRun): Promise<readonly TempestResult[]> {
  const { directory } = run.cloud;
  mkdirSync(directory, { recursive: true });
  const write = (name: string, text: string): void => writeFileSync(`${directory}/${name}`, text);
  write('tempest.conf', tempestConf(run.cloud));
  write('accounts.yaml', accountsFile());
  write('include.txt', `${run.patterns.join('\n')}\n`);
  write('.stestr.conf', `[DEFAULT]\ntest_path=${DISCOVER}/tempest/test_discover\ntop_dir=${DISCOVER}\n`);
  const environment = [
    'env',
    'PATH=/usr/bin:/bin',
    `PYTHONPATH=${run.plugin}`,
    // Otherwise stestr takes the first python of the PATH of whoever calls.
    'PYTHON=/usr/bin/python3',
    'PYTHONWARNINGS=ignore',
    `TEMPEST_CONFIG_DIR=${directory}`,
    'TEMPEST_CONFIG=tempest.conf',
  ];
  const stestr = async (...argv: readonly string[]): Promise<string> => {
    const options = { deadlineMs: RUN_DEADLINE_MS, directory, onOutput: run.said };
    const result = await runCommand([...environment, 'stestr', ...argv], options);
    if (result.outcome === 'exited') return `${result.stdout}\n${result.stderr}`;
    throw new Error(`stestr ${argv.join(' ')}: ${JSON.stringify(result).slice(0, 2000)}`);
  };
  await stestr('init');
  const output = await stestr('run', '--concurrency', String(run.workers), '--include-list', 'include.txt');
  write('output.txt', output);
  const results = parseResults(output);
  if (results.length > 0 || NOTHING_MATCHES.test(output)) return results;
  throw new Error(`stestr ran nothing: ${output.slice(-2000)}`);
}
