export type TempestResult = { readonly test: string; readonly result: 'ok' | 'FAILED' | 'SKIPPED' };

const LINE =
  /^\{\d+\} (?:(setUpClass|tearDownClass) \(([\w.]+)\)|([\w.]+)(?:\[[^\]]*\])?)(?: \[[\d.]+s\])? \.\.\. (ok|FAILED|SKIPPED)/;

/** What stestr prints while it runs. A class that could not be set up is a test of that name that has failed. */
export function parseResults(output: string): readonly TempestResult[] {
  return output.split('\n').flatMap((line) => {
    const [, stage, className, test, result] = LINE.exec(line) ?? [];
    if (result !== 'ok' && result !== 'FAILED' && result !== 'SKIPPED') return [];
    return [{ test: test ?? `${className ?? ''}.${stage ?? ''}`, result }];
  });
}

/** The tests that pass against a real Nova, of a file as it was recorded there: result, another result, test. */
export function passingAgainstNova(recorded: string): readonly string[] {
  return recorded.split('\n').flatMap((line) => {
    const [result, , test] = line.split(/\s+/);
    return result === 'ok' && test !== undefined ? [test] : [];
  });
}
