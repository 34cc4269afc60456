import { EndingSignals, EXIT_CODES } from '../demo/ending-signals.ts';
import { LibvirtLab } from '../end-to-end/libvirt-lab.fixture.ts';
import { labAvailability } from '../lab/requirements.ts';
import { rowName } from './layout-matrix.ts';
import { HELP, readLayoutOptions, type LayoutOptions } from './layout-options.ts';
import { LayoutReport } from './layout-report.ts';
import { performLayout } from './perform-layout.ts';

const EXIT = { same: 0, different: 1, wrongUsage: 2, noHosts: 3 } as const;

const answer = readLayoutOptions(process.argv.slice(2));
switch (answer.answer) {
  case 'help':
    console.log(HELP);
    break;
  case 'wrong':
    console.error(`${answer.reason}\n\n${HELP}`);
    process.exitCode = EXIT.wrongUsage;
    break;
  case 'options':
    if (answer.options.isList) list(answer.options);
    else process.exitCode = await perform(answer.options);
}

function list({ rows }: LayoutOptions): void {
  const width = String(rows.length).length;
  for (const [index, row] of rows.entries()) console.log(`${String(index + 1).padStart(width)}  ${rowName(row)}`);
}

async function perform(options: LayoutOptions): Promise<number> {
  const availability = await labAvailability();
  if (!availability.available) {
    console.error(availability.reason);
    return EXIT.noHosts;
  }
  const report = new LayoutReport(options.rows);
  const tell = (): void => {
    report.stopDrawing();
    console.log(options.isJson ? report.json(options.seed) : report.text());
  };
  const signals = new EndingSignals((signal) => {
    tell();
    // Everything that was started has an 'exit' listener that ends it, so no moment is a bad one for leaving.
    process.exit(EXIT_CODES[signal]);
  });
  const lab = await LibvirtLab.start();
  try {
    await performRows(lab, options, report);
  } finally {
    await lab.stop();
  }
  signals.stopListening();
  tell();
  return report.hasDifferences ? EXIT.different : EXIT.same;
}

/** So many at once: the hosts, and the process that drives them, wait for guests to boot most of the time. */
async function performRows(lab: LibvirtLab, { rows, atOnce }: LayoutOptions, report: LayoutReport): Promise<void> {
  const waiting = [...rows.entries()];
  const next = async (): Promise<void> => {
    for (let found = waiting.shift(); found !== undefined; found = waiting.shift()) {
      const [index, row] = found;
      const result = await performLayout(lab, row, index, (chapter) => report.entered(row, chapter));
      report.ended(row, result);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, next));
}
