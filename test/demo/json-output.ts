import type { DemoFailure } from './demo-failure.ts';
import type { DemoOutput, DemoStep, StepReport } from './demo-output.ts';
import type { Proof } from './demo-proofs.ts';
import type { DemoResult } from './demo-result.ts';

/** `--json`: one object a line on standard output, the last one with `ok`; what people need goes to standard error. */
export class JsonOutput implements DemoOutput {
  begin(): void {}

  doing(): void {}

  progress(): void {}

  end({ number, name }: DemoStep, { facts }: StepReport, elapsedMs: number): void {
    print({ step: number, name, elapsed_ms: elapsedMs, ...facts });
  }

  finish(result: DemoResult, proofs: readonly Proof[]): void {
    print({ ...result, proofs });
  }

  note(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  fail(failure: DemoFailure, logs: string): void {
    process.stderr.write(`${failure.message}\n${failure.why}\n${failure.next}\n${logs}\n`);
    print({ ok: false, error: { what: failure.message, why: failure.why, next: failure.next } });
  }

  interrupted(signal: NodeJS.Signals): void {
    print({ ok: false, error: { what: `Interrupted by ${signal}.`, why: null, next: null } });
  }
}

function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
