import { describe, expect, it } from 'vitest';
import { parseGuestConsole, type GuestBoot } from '../lab/guest-console.ts';
import type { ComputeAnswer } from '../support/compute-client.ts';
import type { DemoEvidence } from './demo-evidence.ts';
import { proofsOf } from './demo-proofs.ts';
import { demoResult } from './demo-result.ts';

const DATA = 'd'.repeat(64);
const RESCUE_BOOT = '11111111-1111-4111-8111-111111111111';
const OTHER_BOOT = '22222222-2222-4222-8222-222222222222';
const EVIDENCE_RECORDED = { downtimeMs: 200, stagingMs: 400, artifacts: [], history: [] };
const TIMES = { acceleration: 'tcg', boot_waits_ms: 1, total_ms: 2 } as const;

describe('the proofs', () => {
  it('hold for a rescued guest that moved, went on, and got its own disk back', () => {
    const proofs = proofsOf(EVIDENCE);
    expect(proofs.filter(({ held }) => !held)).toEqual([]);
    expect(demoResult(EVIDENCE, proofs, TIMES)).toMatchObject({
      ok: true,
      boot_id_before: RESCUE_BOOT,
      boot_id_after: RESCUE_BOOT,
      tick_before: 5,
      tick_after: 6,
      orig_data_intact: true,
      http: { '2.104': 409, '2.105_old_compute': 409, '2.105': 202 },
    });
  });

  it.each<readonly [string, string, Partial<DemoEvidence>]>([
    [
      'refused-then-accepted',
      'the same 409 twice',
      { answers: { ...answers(), tooOldComputeService: refusal('state') } },
    ],
    ['refused-then-accepted', '202 at 2.104', { answers: { ...answers(), tooOldMicroversion: answer(202, null) } }],
    [
      'rescued-all-the-way',
      'a server that was ACTIVE in between',
      { statusesWhileMigrating: ['RESCUE', 'ACTIVE', 'RESCUE'] },
    ],
    ['rescued-all-the-way', 'a server that stayed', { hostAfterMigration: 'lab-a' }],
    ['booted-from-rescue-images', 'the wrong ramdisk', { rescued: { ...rescueBoot(), marker: 'stock' } }],
    ['booted-from-rescue-images', 'a rescue without the system disk', { rescued: { ...rescueBoot(), second: null } }],
    ['never-restarted', 'another boot id', { onDestination: console(OTHER_BOOT, 6, 9) }],
    ['never-restarted', 'a counter that starts again', { onDestination: console(RESCUE_BOOT, 1, 4) }],
    ['never-restarted', 'ticks that nobody saw', { onDestination: console(RESCUE_BOOT, 9, 12) }],
    ['never-restarted', 'a guest that stands still', { onDestination: console(RESCUE_BOOT, 6, 6) }],
    ['never-restarted', 'a boot on the destination', { onDestination: bootedConsole() }],
    ['original-disk-boots', 'the rescue disk', { unrescued: { ...originalBoot(), role: 'rescue' } }],
    ['original-disk-boots', 'other data', { unrescued: { ...originalBoot(), data: 'e'.repeat(64) } }],
    ['original-disk-boots', 'a fresh copy of the image', { unrescued: { ...originalBoot(), boots: 1 } }],
    ['source-is-empty', 'a file left', { leftoversOnSource: ['file x/disk'] }],
    ['one-copy-runs', 'no guest', { domainsOnDestination: [] }],
    ['actions-recorded', 'a failed event', { actions: actions('Error') }],
    ['actions-recorded', 'an action that is missing', { actions: actions('Success').slice(1) }],
    ['figures-recorded', 'no downtime', { recorded: { ...EVIDENCE_RECORDED, downtimeMs: null } }],
  ])('name %s when there was %s', (name, _fact, planted) => {
    const evidence = { ...EVIDENCE, ...planted };
    const proofs = proofsOf(evidence);
    const result = demoResult(evidence, proofs, TIMES);
    expect(result.failed_proofs).toEqual([name]);
    expect(result.ok).toBe(false);
  });

  it('allow one line of the console to be torn in two by the move', () => {
    const proofs = proofsOf({ ...EVIDENCE, onDestination: console(RESCUE_BOOT, 7, 9) });
    expect(proofs.every(({ held }) => held)).toBe(true);
  });
});

function answer(status: number, message: string | null): ComputeAnswer {
  return { status, body: null, message, requestId: null };
}

function refusal(message: string): ComputeAnswer {
  return answer(409, message);
}

function answers() {
  return { tooOldMicroversion: refusal('state'), tooOldComputeService: refusal('old'), accepted: answer(202, null) };
}

function rescueBoot(): GuestBoot {
  const disks = { role: 'rescue', second: 'orig', data: null, secondData: DATA };
  return { ...disks, bootId: RESCUE_BOOT, boots: 1, marker: 'rescue-ramdisk', ticks: [1, 2, 3] };
}

function originalBoot(): GuestBoot {
  const disks = { role: 'orig', second: null, data: DATA, secondData: null };
  return { ...disks, bootId: OTHER_BOOT, boots: 2, marker: 'stock', ticks: [1] };
}

function console(bootId: string, from: number, to: number) {
  const numbers = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return parseGuestConsole(numbers.map((number) => `LAB TICK ${number} boot=${bootId} up=1.00\n`).join(''));
}

function bootedConsole() {
  const { boots } = parseGuestConsole(
    `LAB BOOT role=rescue second=orig boot=${RESCUE_BOOT} boots=2 data=none second_data=${DATA} marker=stock\n`,
  );
  return { ...console(RESCUE_BOOT, 6, 9), boots };
}

function actions(result: string): DemoEvidence['actions'] {
  return ['create', 'rescue', 'live-migration', 'unrescue'].map((action) => ({
    action,
    request_id: `req-${action}`,
    start_time: '2026-11-23T08:00:00.000000',
    message: null,
    events: [
      {
        event: `compute_${action}`,
        host: 'lab-a',
        start_time: '2026-11-23T08:00:00.000000',
        finish_time: '2026-11-23T08:00:01.000000',
        result,
        details: null,
      },
    ],
  }));
}

const EVIDENCE: DemoEvidence = {
  server: '33333333-3333-4333-8333-333333333333',
  source: 'lab-a',
  destination: 'lab-b',
  originalDataSha256: DATA,
  rescued: rescueBoot(),
  answers: answers(),
  onSource: console(RESCUE_BOOT, 1, 5),
  onDestination: console(RESCUE_BOOT, 6, 9),
  statusesWhileMigrating: ['RESCUE', 'RESCUE'],
  hostAfterMigration: 'lab-b',
  migrationStatus: 'completed',
  migrationMs: 2000,
  unrescued: originalBoot(),
  hostAfterUnrescue: 'lab-b',
  actions: actions('Success'),
  recorded: EVIDENCE_RECORDED,
  leftoversOnSource: [],
  domainsOnDestination: ['instance-3'],
};
