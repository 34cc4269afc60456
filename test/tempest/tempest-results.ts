export type TempestResult = {
  /** A class that could not be set up, or was skipped as a whole, stands as `<class>.setUpClass`. */
  readonly test: string;
  readonly result: 'ok' | 'FAILED' | 'SKIPPED';
  /** Why it was skipped, or the end of the traceback; empty for what passed. */
  readonly reason: string;
};

const LINE =
  /^\{\d+\} (?:(setUpClass|tearDownClass) \(([\w.]+)\)|([\w.]+)(?:\[[^\]]*\])?)(?: \[[\d.]+s\])? \.\.\. (ok|FAILED|SKIPPED)(?:: (.*))?$/;
/** What stestr prints below a failure belongs to it until the next result. */
const REASON_LINES_MAX = 4;
const REASON_CHARACTERS_MAX = 600;

/** What stestr prints while it runs. */
export function parseResults(output: string): readonly TempestResult[] {
  const results: TempestResult[] = [];
  let traceback: string[] = [];
  const close = (): void => {
    const last = results.at(-1);
    if (last?.result === 'FAILED') results[results.length - 1] = { ...last, reason: endOf(traceback) };
    traceback = [];
  };
  for (const line of output.split('\n')) {
    const [, stage, className, test, result, reason = ''] = LINE.exec(line) ?? [];
    if (result === 'ok' || result === 'FAILED' || result === 'SKIPPED') {
      close();
      results.push({ test: test ?? `${className ?? ''}.${stage ?? ''}`, result, reason });
    } else traceback.push(line);
  }
  close();
  return results;
}

/** The exception is what follows the last place in the source: `    AnError: what it says`. */
function endOf(lines: readonly string[]): string {
  const captured = lines.findIndex((line) => line.startsWith('Captured traceback'));
  if (captured === -1) return 'no traceback was captured';
  const rest = lines.slice(captured + 2);
  const end = rest.findIndex((line) => /^(=+|Totals|Captured )/.test(line));
  const told = (end === -1 ? rest : rest.slice(0, end)).map((line) => line.trim()).filter((line) => line !== '');
  const place = told.findLastIndex((line) => line.startsWith('File "'));
  // The line of source that the place names comes first, then the exception.
  const exception = told.slice(place + 2);
  return exception.slice(-REASON_LINES_MAX).join(' ').slice(0, REASON_CHARACTERS_MAX);
}

/** A file as it was recorded against a real Nova: result, another result, test or `<class>.*`, and `# reason`. */
export function recordedTests(recorded: string): readonly TempestResult[] {
  return recorded.split('\n').flatMap((line) => {
    const [outcome = '', reason = ''] = line.split(/ +# /);
    const [result, , test] = outcome.split(/\s+/);
    if (test === undefined || (result !== 'ok' && result !== 'FAILED' && result !== 'SKIPPED')) return [];
    return [{ test, result, reason }];
  });
}

/** The tests of such a file that pass against a real Nova. */
export function passingAgainstNova(recorded: string): readonly string[] {
  return recordedTests(recorded)
    .filter(({ result }) => result === 'ok')
    .map(({ test }) => test);
}
