import { decideLever } from '../../domain/migration/decide-lever.ts';
import { decideSaga } from '../../domain/migration/decide-saga.ts';
import { evolveSaga } from '../../domain/migration/evolve-saga.ts';
import { nextAction } from '../../domain/migration/next-action.ts';
import { mayRemoveSource, mayResumeSource, whereabouts } from '../../domain/migration/whereabouts.ts';

/** The code under exploration. Production's own, unless a bug is planted. */
export type Rules = {
  readonly nextAction: typeof nextAction;
  readonly decideSaga: typeof decideSaga;
  readonly decideLever: typeof decideLever;
  readonly evolveSaga: typeof evolveSaga;
  readonly whereabouts: typeof whereabouts;
  readonly mayResumeSource: typeof mayResumeSource;
  readonly mayRemoveSource: typeof mayRemoveSource;
};

export const PRODUCTION_RULES: Rules = {
  nextAction,
  decideSaga,
  decideLever,
  evolveSaga,
  whereabouts,
  mayResumeSource,
  mayRemoveSource,
};
