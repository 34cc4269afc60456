import {
  delay,
  failAfter,
  failBefore,
  hang,
  lateEffect,
  unknownAfter,
  unknownBefore,
  type Fault,
} from '../../../adapters/simulated/simulated-faults.ts';

const REASON = 'internal error: something broke';

/** What the next call of a driver, of an artifact transfer or of one phase of a migration meets. */
export const CALL_FAULTS = {
  callFails: () => failBefore(REASON),
  callFailsAfterItsEffect: () => failAfter(REASON),
  requestLost: () => unknownBefore(),
  replyLost: () => unknownAfter(),
  callHangs: () => hang(),
  callActsLate: (holdMs) => lateEffect(holdMs),
  callIsSlow: (holdMs) => delay(holdMs),
} as const satisfies Readonly<Record<string, (holdMs: number) => Fault>>;
