import { styleText } from 'node:util';
import type { DemoFailure } from './demo-failure.ts';
import {
  NUMBERED_STEPS,
  type DemoOutput,
  type DemoStep,
  type StepDetails,
  type StepReport,
  type TransferProgress,
} from './demo-output.ts';
import type { Proof } from './demo-proofs.ts';
import type { DemoResult } from './demo-result.ts';
import { LiveLine } from './live-line.ts';
import { percentOf, progressBar } from './progress-bar.ts';

const MS_PER_SECOND = 1000;
const READ_ON = `Where to read on
  docs/live-migrate-a-rescued-server.md   the same on your own hosts
  docs/saga.md                            the steps of a live migration, and why each stands where it stands
  docs/configuration.md                   every key of the configuration
  npm run demo -- --keep                  this demo, left standing for curl and virsh
  npm run lab -- up                       the two hosts alone, to try things by hand`;

type Colour = 'green' | 'red' | 'dim' | 'bold' | 'cyan';

/** For people. On a terminal a spinner, a live bar and colours (unless NO_COLOR is set); elsewhere plain lines. */
export class TextOutput implements DemoOutput {
  readonly #line = new LiveLine(process.stdout);
  #prefix = '';
  #lastPercent: number | null = null;
  #lastStatus = '';

  begin({ number, title }: DemoStep): void {
    this.#prefix = number === 0 ? '   ' : `${number}/${NUMBERED_STEPS}`;
    this.#line.start(`${this.#prefix} ${title}`);
  }

  doing(text: string): void {
    this.#line.update(text);
  }

  progress({ status, bytes }: TransferProgress): void {
    if (this.#line.live) {
      this.#line.update(`${status.padEnd(9)}  ${progressBar(bytes)}`);
      return;
    }
    const percent = bytes === null ? null : percentOf(bytes);
    if (status === this.#lastStatus && percent === this.#lastPercent) return;
    this.#lastStatus = status;
    this.#lastPercent = percent;
    this.#line.update(percent === null ? status : `${status}, ${percent} % of memory and disks`);
  }

  end({ title }: DemoStep, { summary, details }: StepReport, elapsedMs: number): void {
    this.#line.stop();
    const seconds = paint('dim', `${(elapsedMs / MS_PER_SECOND).toFixed(1)} s`);
    print(`${paint('green', '✔')} ${paint('bold', this.#prefix)} ${title}: ${summary}  ${seconds}`);
    if (details !== null) print(`\n${shown(details)}\n`);
  }

  finish(result: DemoResult, proofs: readonly Proof[]): void {
    for (const { held, claim, found } of proofs) {
      const mark = held ? paint('green', '✔') : paint('red', '✘');
      print(`      ${mark} ${claim}\n          ${paint('dim', found)}`);
    }
    const seconds = (result.total_ms / MS_PER_SECOND).toFixed(1);
    const boots = (result.boot_waits_ms / MS_PER_SECOND).toFixed(1);
    print(`
      ${result.source} → ${result.destination}: migration ${result.migration_ms} ms, of it staging ${result.staging_ms} ms; the guest stood still for ${result.downtime_ms} ms
      ${seconds} s without downloads, of it ${boots} s waiting for guests to boot (${result.acceleration})
`);
    const failed = proofs.length - proofs.filter(({ held }) => held).length;
    if (result.ok) print(`${paint('green', `All ${proofs.length} proofs held.`)}\n\n${READ_ON}`);
    else print(paint('red', `${failed} of ${proofs.length} proofs did not hold.`));
  }

  note(text: string): void {
    print(text);
  }

  fail(failure: DemoFailure, logs: string): void {
    this.#line.stop();
    const text = `\n${paint('red', '✘')} ${failure.message}\n\nWhy   ${failure.why}\n\nNext  ${failure.next}\n`;
    process.stderr.write(logs === '' ? text : `${text}\n${logs}\n`);
  }

  interrupted(signal: NodeJS.Signals): void {
    this.#line.stop();
    process.stderr.write(`\n${signal}: clearing away what was started\n`);
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Looks at standard output: no colours into a pipe, nor against NO_COLOR. */
function paint(colour: Colour, text: string): string {
  return styleText(colour, text, { stream: process.stdout });
}

const INDENT = 6;

/** On a terminal a table's rows end at its edge, and prose goes on in the next line below where it began. */
function shown({ form, text }: StepDetails): string {
  const width = process.stdout.isTTY ? process.stdout.columns - INDENT : Number.POSITIVE_INFINITY;
  const given = text.split('\n');
  const lines = given.flatMap((line) => (form === 'table' ? cut(line, width) : wrapped(line, width)));
  const isCut = form === 'table' && given.some((line) => line.length > width);
  const note = isCut
    ? ['', ...wrapped('Rows that end in … are whole in a wider terminal, or with: npm run demo | cat', width)]
    : [];
  return [...lines, ...note].map((line) => (line === '' ? '' : ' '.repeat(INDENT) + line)).join('\n');
}

function cut(line: string, width: number): string {
  return line.length > width ? `${line.slice(0, width - 1)}…` : line;
}

function wrapped(line: string, width: number): readonly string[] {
  const indent = ' '.repeat(line.search(/\S|$/));
  const lines: string[] = [];
  let current = indent;
  for (const word of line.trim().split(' ')) {
    const longer = current.trim() === '' ? indent + word : `${current} ${word}`;
    if (longer.length > width && current.trim() !== '') lines.push(current);
    current = longer.length > width ? indent + word : longer;
  }
  return [...lines, current];
}
