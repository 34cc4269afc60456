import { describe, expect, it } from 'vitest';
import type { InstanceEvent } from '../../domain/instance/instance-events.ts';
import { givenInstance } from '../support/given.ts';
import {
  AT,
  HISTORY,
  ORIGINAL,
  OWNER,
  RESCUE_IMAGES,
  RESCUE_REQUESTED,
  RESET_TO_ACTIVE,
  RESET_TO_ERROR,
  SOURCE,
  UNRESCUE_REQUESTED,
} from './instance-histories.fixture.ts';

const rescueFailed = (guestAffected: boolean): InstanceEvent => ({
  type: 'RescueFailed',
  reason: 'broken',
  guestAffected,
  at: AT,
});
const UNRESCUE_FAILED: InstanceEvent = { type: 'UnrescueFailed', reason: 'broken', at: AT };

const SECOND_RESCUE: readonly InstanceEvent[] = [...HISTORY.rescued, RESET_TO_ACTIVE, RESCUE_REQUESTED];

/** A second rescue shows what is on record: with a record it goes on with that original and captures nothing anew. */
const nextRescueUses = (...history: readonly InstanceEvent[]) =>
  givenInstance(...history, RESCUE_REQUESTED).nextEffect();
const WITH_RECORD = { effect: 'rescue', host: SOURCE, images: RESCUE_IMAGES, original: ORIGINAL };
const WITHOUT_RECORD = { effect: 'captureDefinition', host: SOURCE };

describe('the original definition', () => {
  it.each([
    ['was set to active by hand', [...HISTORY.rescued, RESET_TO_ACTIVE]],
    ['was set to error by hand', [...HISTORY.rescued, RESET_TO_ERROR]],
    ['could not be unrescued', [...HISTORY.unrescuing, UNRESCUE_FAILED]],
    ['was set to active while it was being unrescued', [...HISTORY.unrescuing, RESET_TO_ACTIVE]],
    ['was touched by a rescue that failed', [...HISTORY.capturing, rescueFailed(true)]],
    ['was set to active while its guest was being rescued', [...HISTORY.capturing, RESET_TO_ACTIVE]],
    ['was set to active, and a second rescue did not touch it', [...SECOND_RESCUE, rescueFailed(false)]],
  ] satisfies [string, InstanceEvent[]][])('stays on record when the server %s', (_name, history) => {
    expect(nextRescueUses(...history)).toEqual(WITH_RECORD);
  });

  it.each([
    ['was never rescued', HISTORY.active],
    ['was not touched by a rescue that failed', [...HISTORY.capturing, rescueFailed(false)]],
    ['was set to active before anything was captured', [...HISTORY.rescuing, RESET_TO_ACTIVE]],
    ['is unrescued', [...HISTORY.unrescuing, { type: 'InstanceUnrescued', at: AT }]],
  ] satisfies [string, readonly InstanceEvent[]][])('is not on record when the server %s', (_name, history) => {
    expect(nextRescueUses(...history)).toEqual(WITHOUT_RECORD);
  });

  it('is what unrescue goes back to, after any number of rescues', () => {
    const twice = [...SECOND_RESCUE, { type: 'InstanceRescued', at: AT }, UNRESCUE_REQUESTED] as const;
    expect(givenInstance(...twice).nextEffect()).toEqual({ effect: 'unrescue', host: SOURCE, original: ORIGINAL });
  });
});

describe('a rescue that fails', () => {
  it('leaves the server as it was when its guest was not touched, and in error when it was', () => {
    const unrescue = { type: 'Unrescue', ...OWNER } as const;
    givenInstance(...HISTORY.capturing, rescueFailed(false))
      .when(unrescue)
      .thenRefused({ reason: 'InvalidVmState', action: 'unrescue', vmState: 'active' });
    givenInstance(...HISTORY.capturing, rescueFailed(true))
      .when(unrescue)
      .thenRefused({ reason: 'InvalidVmState', action: 'unrescue', vmState: 'error' });
  });
});
