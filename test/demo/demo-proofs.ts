import type { DemoEvidence } from './demo-evidence.ts';

export type Proof = {
  readonly name: string;
  /** What it says when it holds. */
  readonly claim: string;
  readonly held: boolean;
  /** What was found, whether it holds or not. */
  readonly found: string;
};

type Rule = { readonly name: string; readonly claim: string; readonly check: (evidence: DemoEvidence) => Finding };
type Finding = Pick<Proof, 'held' | 'found'>;

/** One line can be torn in two by the move: its halves stand in two consoles, and neither counts. */
const TICKS_TORN_MAX = 1;
const TICKS_AFTER_MIN = 3;

const RULES: readonly Rule[] = [
  {
    name: 'refused-then-accepted',
    claim: '409 below 2.105, another 409 while a compute service is too old, then 202',
    check: ({ answers: { tooOldMicroversion, tooOldComputeService, accepted } }) => ({
      held:
        tooOldMicroversion.status === 409 &&
        tooOldComputeService.status === 409 &&
        accepted.status === 202 &&
        tooOldMicroversion.message !== tooOldComputeService.message,
      found: `${tooOldMicroversion.status}, ${tooOldComputeService.status}, ${accepted.status}`,
    }),
  },
  {
    name: 'rescued-all-the-way',
    claim: 'the server was RESCUE from the 202 to its arrival on the destination',
    check: ({ statusesWhileMigrating, hostAfterMigration, destination, migrationStatus }) => ({
      held:
        statusesWhileMigrating.length > 0 &&
        statusesWhileMigrating.every((status) => status === 'RESCUE') &&
        hostAfterMigration === destination &&
        migrationStatus === 'completed',
      found: `${[...new Set(statusesWhileMigrating)].join(', ')}; migration ${migrationStatus}, host ${hostAfterMigration}`,
    }),
  },
  {
    name: 'booted-from-rescue-images',
    claim: 'it was rescued from the rescue disk with the rescue ramdisk, its own disk beside it',
    check: ({ rescued, originalDataSha256 }) => ({
      held:
        rescued.role === 'rescue' &&
        rescued.marker === 'rescue-ramdisk' &&
        rescued.second === 'orig' &&
        rescued.secondData === originalDataSha256,
      found: `disk ${rescued.role}, ramdisk ${rescued.marker}, second disk ${rescued.second}`,
    }),
  },
  {
    name: 'never-restarted',
    claim: 'the rescued guest went on: same boot id, its counter goes on',
    check: neverRestarted,
  },
  {
    name: 'original-disk-boots',
    claim: 'after unrescue the original system disk boots with the data it had',
    check: ({ unrescued, originalDataSha256, hostAfterUnrescue, destination }) => ({
      held:
        unrescued.role === 'orig' &&
        unrescued.marker === 'stock' &&
        unrescued.data === originalDataSha256 &&
        // The first boot was counted on the disk itself: a copy made anew from the image would say 1.
        unrescued.boots === 2 &&
        hostAfterUnrescue === destination,
      found: `disk ${unrescued.role}, boot ${unrescued.boots} of this disk, data ${unrescued.data?.slice(0, 12)}… on ${hostAfterUnrescue}`,
    }),
  },
  {
    name: 'source-is-empty',
    claim: 'the source keeps no domain, no file and no process of the server',
    check: ({ leftoversOnSource }) => ({
      held: leftoversOnSource.length === 0,
      found: leftoversOnSource.length === 0 ? 'nothing' : leftoversOnSource.join(', '),
    }),
  },
  {
    name: 'one-copy-runs',
    claim: 'exactly one copy of the guest is running, on the destination',
    check: ({ domainsOnDestination }) => ({
      held: domainsOnDestination.length === 1,
      found: domainsOnDestination.join(', ') || 'none',
    }),
  },
  { name: 'actions-recorded', claim: 'four instance actions, every event of theirs a success', check: actionsRecorded },
  {
    name: 'figures-recorded',
    claim: 'the log holds how long staging and the guest’s pause took',
    check: ({ recorded: { downtimeMs, stagingMs } }) => ({
      held: downtimeMs !== null && stagingMs !== null,
      found: `downtime ${downtimeMs} ms, staging ${stagingMs} ms`,
    }),
  },
];

/** In the order in which people are told. */
export function proofsOf(evidence: DemoEvidence): readonly Proof[] {
  return RULES.map(({ name, claim, check }) => ({ name, claim, ...check(evidence) }));
}

function neverRestarted({ rescued, onSource, onDestination }: DemoEvidence): Finding {
  const last = onSource.lastTick;
  const [first] = onDestination.ticks;
  if (last === null || first === undefined) return { held: false, found: 'no tick before or none after the move' };
  const numbers = onDestination.ticks.map(({ number }) => number);
  const torn = first.number - last.number - 1;
  return {
    held:
      last.bootId === rescued.bootId &&
      onDestination.ticks.every(({ bootId }) => bootId === rescued.bootId) &&
      onDestination.boots.length === 0 &&
      torn >= 0 &&
      torn <= TICKS_TORN_MAX &&
      numbers.length >= TICKS_AFTER_MIN &&
      numbers.every((number, index) => number === first.number + index),
    found: `boot ${last.bootId.slice(0, 8)}… tick ${last.number}, then boot ${first.bootId.slice(0, 8)}… tick ${first.number}`,
  };
}

const EXPECTED_ACTIONS = ['create', 'rescue', 'live-migration', 'unrescue'];

function actionsRecorded({ actions }: DemoEvidence): Finding {
  const names = actions.map(({ action }) => action);
  const events = actions.flatMap((action) => action.events);
  return {
    held:
      names.length === EXPECTED_ACTIONS.length &&
      EXPECTED_ACTIONS.every((expected, index) => names[index] === expected) &&
      actions.every((action) => action.message === null && action.events.length > 0) &&
      events.every(({ result }) => result === 'Success'),
    found: `${names.join(', ')}; ${events.filter(({ result }) => result === 'Success').length} of ${events.length} events`,
  };
}
