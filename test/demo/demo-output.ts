import type { DemoFailure } from './demo-failure.ts';
import type { Proof } from './demo-proofs.ts';
import type { DemoResult } from './demo-result.ts';

export type DemoStep = {
  /** 0 for what has to be there before the first request, then 1 to 7. */
  readonly number: number;
  readonly name: string;
  readonly title: string;
};

export const STEPS = {
  packages: { number: 0, name: 'packages', title: 'Debian packages' },
  hosts: { number: 0, name: 'hosts', title: 'two libvirt hosts' },
  lifeboat: { number: 0, name: 'lifeboat', title: 'Lifeboat on SQLite' },
  create: { number: 1, name: 'create', title: 'create a server on lab-a' },
  rescue: { number: 2, name: 'rescue', title: 'rescue it with its own rescue kernel' },
  admission: { number: 3, name: 'admission', title: 'ask for its live migration' },
  migration: { number: 4, name: 'migration', title: 'follow it to lab-b' },
  unrescue: { number: 5, name: 'unrescue', title: 'unrescue it on lab-b' },
  history: { number: 6, name: 'history', title: 'what was recorded' },
  proofs: { number: 7, name: 'proofs', title: 'prove it' },
} as const satisfies Record<string, DemoStep>;

export const NUMBERED_STEPS = 7;

/** A table's rows are cut at the terminal's edge, prose runs on. */
export type StepDetails = { readonly form: 'prose' | 'table'; readonly text: string };

/** What a step leaves for its readers. */
export type StepReport = {
  /** For machines; snake_case as the API's own answers. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** One line for people. */
  readonly summary: string;
  /** Further text for people. */
  readonly details: StepDetails | null;
};

/** Memory and disks as one amount. */
export type TransferProgress = {
  /** Nova's status of the migration. */
  readonly status: string;
  /** Null before the hypervisor has said something. */
  readonly bytes: { readonly done: number; readonly total: number } | null;
};

/** How the demo speaks: to a terminal, to a pipe or to a program. */
export interface DemoOutput {
  begin(step: DemoStep): void;
  /** What the step is doing now. */
  doing(text: string): void;
  progress(progress: TransferProgress): void;
  end(step: DemoStep, report: StepReport, elapsedMs: number): void;
  finish(result: DemoResult, proofs: readonly Proof[]): void;
  /** Text for people outside of the steps, such as how to look around. */
  note(text: string): void;
  /** `logs`: the ends of the logs; empty when nothing was started. */
  fail(failure: DemoFailure, logs: string): void;
  interrupted(signal: NodeJS.Signals): void;
}
