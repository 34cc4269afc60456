/** Why the demo cannot go on, for a person: what happened, why, and what to do next. */
export class DemoFailure extends Error {
  override readonly name = 'DemoFailure';
  readonly why: string;
  readonly next: string;

  constructor(failure: { readonly what: string; readonly why: string; readonly next: string }) {
    super(failure.what);
    this.why = failure.why;
    this.next = failure.next;
  }
}

export const NEXT_LOOK_AT_LOGS =
  'Look at the ends of the logs below. When they do not tell, run the demo again with --keep and look around.';
