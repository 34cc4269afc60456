import type { Scene } from './scene.ts';

/** What owners and operators ask for while something else is going on. */
export const MEANWHILE = {
  ownerDeletes: ({ requests }) => requests.delete('owner'),
  ownerStops: ({ requests }) => requests.power('stop', 'owner'),
  ownerLocks: ({ requests }) => requests.lockForAMoment(),
  ownerRescues: ({ requests }) => requests.rescue('owner'),
  ownerUnrescues: ({ requests }) => requests.unrescue('owner'),
  rescueTimesOut: ({ requests }) => requests.letRescueTimeOut(),
  operatorMigratesToo: ({ requests }) => requests.migrate(),
  operatorAborts: ({ requests }) => requests.pull('abort'),
  operatorForcesCompletion: ({ requests }) => requests.pull('forceComplete'),
  operatorResetsToActive: ({ requests }) => requests.resetState('active'),
  operatorResetsToError: ({ requests }) => requests.resetState('error'),
  operatorReboots: ({ requests }) => requests.power('reboot', 'admin'),
  operatorDisablesDestination: ({ requests, destination }) => requests.disable(destination),
  operatorForcesSourceDown: ({ requests, source }) => requests.forceDown(source, true),
  operatorForcesDestinationDown: ({ requests, destination }) => requests.forceDown(destination, true),
} as const satisfies Readonly<Record<string, (scene: Scene) => Promise<void>>>;
