import { describe, expect, it } from 'vitest';
import type { EffectOutcome, InstanceCommand } from '../../domain/instance/instance-commands.ts';
import type { InstanceEvent } from '../../domain/instance/instance-events.ts';
import type { EffectName } from '../../domain/instance/next-instance-effect.ts';
import { givenInstance } from '../support/given.ts';
import {
  AT,
  CAPTURED,
  DELETE_REQUESTED,
  DESTINATION,
  FLAVOR,
  HISTORY,
  INITIATOR,
  LATER,
  ORIGINAL,
  RESCUE_IMAGES,
  RESET_TO_ACTIVE,
  SOURCE,
} from './instance-histories.fixture.ts';

const told = (effectOutcome: EffectOutcome): InstanceCommand => ({
  type: 'RecordEffectOutcome',
  effectOutcome,
  at: LATER,
});
const failed = (effect: EffectName, guestAffected = true): EffectOutcome => ({
  effect,
  outcome: 'failed',
  reason: 'broken',
  guestAffected,
});

const SUCCESS: Readonly<Record<EffectName, EffectOutcome>> = {
  schedule: { effect: 'schedule', outcome: 'succeeded', host: SOURCE },
  spawn: { effect: 'spawn', outcome: 'succeeded' },
  power: { effect: 'power', outcome: 'succeeded' },
  captureDefinition: { effect: 'captureDefinition', outcome: 'succeeded', original: ORIGINAL },
  rescue: { effect: 'rescue', outcome: 'succeeded' },
  unrescue: { effect: 'unrescue', outcome: 'succeeded' },
  rebuild: { effect: 'rebuild', outcome: 'succeeded' },
  resize: { effect: 'resize', outcome: 'succeeded' },
  revertResize: { effect: 'revertResize', outcome: 'succeeded' },
  coldMigrate: { effect: 'coldMigrate', outcome: 'succeeded' },
  confirmResize: { effect: 'confirmResize', outcome: 'succeeded' },
  revertColdMigration: { effect: 'revertColdMigration', outcome: 'succeeded' },
  shelve: { effect: 'shelve', outcome: 'succeeded' },
  unshelve: { effect: 'unshelve', outcome: 'succeeded' },
  snapshot: { effect: 'snapshot', outcome: 'succeeded' },
  destroy: { effect: 'destroy', outcome: 'succeeded' },
};
const LARGER = { ...FLAVOR, id: '2', ramMiB: 256 };
const REBUILD: InstanceEvent = { type: 'RebuildRequested', images: RESCUE_IMAGES, initiator: INITIATOR, at: AT };
const RESIZE: InstanceEvent = { type: 'ResizeRequested', flavor: LARGER, initiator: INITIATOR, at: AT };
const RESIZED: readonly InstanceEvent[] = [RESIZE, { type: 'InstanceResized', at: AT }];
const COPIED = { imageId: RESCUE_IMAGES.imageId, name: 'copy', minRamMiB: 0, properties: { a: 'b' } };
const SNAPSHOT: InstanceEvent = { type: 'SnapshotRequested', image: COPIED, initiator: INITIATOR, at: AT };
const REVERT: InstanceEvent = { type: 'ResizeRevertRequested', initiator: INITIATOR, at: AT };
const MOVE: InstanceEvent = {
  type: 'ColdMigrationRequested',
  destination: DESTINATION,
  initiator: INITIATOR,
  at: AT,
};
const MOVED: readonly InstanceEvent[] = [MOVE, { type: 'InstanceResized', at: AT }];
const CONFIRM: InstanceEvent = { type: 'ResizeConfirmRequested', initiator: INITIATOR, at: AT };
const IMAGE = { imageId: RESCUE_IMAGES.imageId, name: 'server-shelved' };
const SHELVE: InstanceEvent = { type: 'ShelveRequested', image: IMAGE, initiator: INITIATOR, at: AT };
const SHELVED: readonly InstanceEvent[] = [SHELVE, { type: 'InstanceShelved', at: AT }];
const UNSHELVE: InstanceEvent = { type: 'UnshelveRequested', host: DESTINATION, initiator: INITIATOR, at: AT };
const STOPPING: InstanceEvent = {
  type: 'PowerActionRequested',
  action: 'stop',
  rebootType: null,
  initiator: INITIATOR,
  at: AT,
};

/** What each task asks for, and what is recorded of its success and of its failure. */
const TABLE: readonly {
  readonly effect: EffectName;
  readonly history: readonly InstanceEvent[];
  readonly asked: object;
  readonly success: InstanceEvent;
  readonly failure: InstanceEvent;
}[] = [
  {
    effect: 'schedule',
    history: HISTORY.building,
    asked: { effect: 'schedule', requestedHost: null },
    success: { type: 'InstanceScheduled', host: SOURCE, at: LATER },
    failure: { type: 'InstanceCreateFailed', reason: 'broken', at: LATER },
  },
  {
    effect: 'spawn',
    history: HISTORY.scheduled,
    asked: { effect: 'spawn', host: SOURCE },
    success: { type: 'InstanceSpawned', at: LATER },
    failure: { type: 'InstanceCreateFailed', reason: 'broken', at: LATER },
  },
  {
    effect: 'power',
    history: [...HISTORY.active, STOPPING],
    asked: { effect: 'power', host: SOURCE, action: 'stop', rebootType: null },
    success: { type: 'PowerActionCompleted', action: 'stop', at: LATER },
    failure: { type: 'PowerActionFailed', action: 'stop', reason: 'broken', at: LATER },
  },
  {
    effect: 'captureDefinition',
    history: HISTORY.rescuing,
    asked: { effect: 'captureDefinition', host: SOURCE },
    success: { ...CAPTURED, at: LATER },
    failure: { type: 'RescueFailed', reason: 'broken', guestAffected: false, at: LATER },
  },
  {
    effect: 'rescue',
    history: HISTORY.capturing,
    asked: { effect: 'rescue', host: SOURCE, images: RESCUE_IMAGES, original: ORIGINAL },
    success: { type: 'InstanceRescued', at: LATER },
    failure: { type: 'RescueFailed', reason: 'broken', guestAffected: true, at: LATER },
  },
  {
    effect: 'unrescue',
    history: HISTORY.unrescuing,
    asked: { effect: 'unrescue', host: SOURCE, original: ORIGINAL },
    success: { type: 'InstanceUnrescued', at: LATER },
    failure: { type: 'UnrescueFailed', reason: 'broken', at: LATER },
  },
  {
    effect: 'rebuild',
    history: [...HISTORY.stopped, REBUILD],
    asked: { effect: 'rebuild', host: SOURCE, stopAfter: true },
    success: { type: 'InstanceRebuilt', at: LATER },
    failure: { type: 'RebuildFailed', reason: 'broken', at: LATER },
  },
  {
    effect: 'resize',
    history: [...HISTORY.active, RESIZE],
    asked: { effect: 'resize', host: SOURCE, flavor: LARGER, start: true },
    success: { type: 'InstanceResized', at: LATER },
    failure: { type: 'ResizeFailed', reason: 'broken', guestAffected: true, at: LATER },
  },
  {
    effect: 'revertResize',
    history: [...HISTORY.stopped, ...RESIZED, REVERT],
    asked: { effect: 'revertResize', host: SOURCE, flavor: FLAVOR, start: false },
    success: { type: 'ResizeReverted', at: LATER },
    failure: { type: 'ResizeRevertFailed', reason: 'broken', at: LATER },
  },
  {
    effect: 'coldMigrate',
    history: [...HISTORY.stopped, MOVE],
    asked: { effect: 'coldMigrate', host: SOURCE, destination: DESTINATION, start: false },
    success: { type: 'InstanceResized', at: LATER },
    failure: { type: 'ResizeFailed', reason: 'broken', guestAffected: true, at: LATER },
  },
  {
    effect: 'confirmResize',
    history: [...HISTORY.active, ...MOVED, CONFIRM],
    asked: { effect: 'confirmResize', host: SOURCE },
    success: { type: 'ResizeConfirmed', initiator: INITIATOR, at: LATER },
    failure: { type: 'ResizeFailed', reason: 'broken', guestAffected: true, at: LATER },
  },
  {
    effect: 'revertColdMigration',
    history: [...HISTORY.active, ...MOVED, REVERT],
    asked: { effect: 'revertColdMigration', host: SOURCE, from: DESTINATION, start: true },
    success: { type: 'ResizeReverted', at: LATER },
    failure: { type: 'ResizeRevertFailed', reason: 'broken', at: LATER },
  },
  {
    effect: 'shelve',
    history: [...HISTORY.active, SHELVE],
    asked: { effect: 'shelve', host: SOURCE, image: IMAGE },
    success: { type: 'InstanceShelved', at: LATER },
    failure: { type: 'ShelveFailed', reason: 'broken', guestAffected: true, at: LATER },
  },
  {
    effect: 'unshelve',
    history: [...HISTORY.active, ...SHELVED, UNSHELVE],
    asked: { effect: 'unshelve', host: DESTINATION, image: IMAGE },
    success: { type: 'InstanceUnshelved', at: LATER },
    failure: { type: 'UnshelveFailed', reason: 'broken', at: LATER },
  },
  {
    effect: 'snapshot',
    history: [...HISTORY.active, SNAPSHOT],
    asked: { effect: 'snapshot', host: SOURCE, image: COPIED },
    success: { type: 'SnapshotTaken', at: LATER },
    failure: { type: 'SnapshotFailed', reason: 'broken', at: LATER },
  },
  {
    effect: 'destroy',
    history: HISTORY.deleting,
    asked: { effect: 'destroy', host: SOURCE, alsoOn: null },
    success: { type: 'InstanceDeleted', at: LATER },
    failure: { type: 'DeleteFailed', reason: 'broken', at: LATER },
  },
];

describe.each(TABLE)('$effect', ({ effect, history, asked, success, failure }) => {
  it('is asked for, and its outcome is recorded', () => {
    expect(givenInstance(...history).nextEffect()).toEqual(asked);
    givenInstance(...history)
      .when(told(SUCCESS[effect]))
      .thenEvents(success);
    givenInstance(...history)
      .when(told(failed(effect)))
      .thenEvents(failure);
  });

  it('hears no outcome twice, and none of another effect', () => {
    for (const recorded of [success, failure]) {
      const after = givenInstance(...history, recorded);
      const again = recorded.type === 'InstanceDeleted' ? 'gone' : 'there';
      for (const outcome of [SUCCESS[effect], failed(effect)]) {
        if (again === 'gone') after.when(told(outcome)).thenRefused({ reason: 'InstanceNotFound' });
        else after.when(told(outcome)).thenEvents();
      }
    }
    for (const other of TABLE.filter((row) => row.effect !== effect)) {
      givenInstance(...history)
        .when(told(SUCCESS[other.effect]))
        .thenEvents();
      givenInstance(...history)
        .when(told(failed(other.effect)))
        .thenEvents();
    }
  });

  it('is not heard after the server’s state was set by hand, or its deletion was asked for', () => {
    // A delete goes on whatever is said (test/domain/reset-state.spec.ts).
    if (effect === 'destroy') return;
    givenInstance(...history, RESET_TO_ACTIVE)
      .when(told(SUCCESS[effect]))
      .thenEvents();
    givenInstance(...history, DELETE_REQUESTED)
      .when(told(SUCCESS[effect]))
      .thenEvents();
    expect(givenInstance(...history, DELETE_REQUESTED).nextEffect()).toMatchObject({ effect: 'destroy' });
  });
});

describe('a server with nothing under way', () => {
  it.each(['active', 'stopped', 'paused', 'rescued', 'error', 'deleted'] as const)('asks for nothing: %s', (name) => {
    expect(givenInstance(...HISTORY[name]).nextEffect()).toBeNull();
  });

  it('goes to the state that its power action leads to', () => {
    const afterPause = givenInstance(...HISTORY.paused);
    afterPause
      .when({
        type: 'RunPowerAction',
        action: 'unpause',
        rebootType: null,
        initiator: INITIATOR,
        callerIsAdmin: false,
        at: AT,
      })
      .thenEvents({ type: 'PowerActionRequested', action: 'unpause', rebootType: null, initiator: INITIATOR, at: AT });
  });

  it('that was never scheduled is destroyed on no host', () => {
    expect(givenInstance(...HISTORY.building, DELETE_REQUESTED).nextEffect()).toEqual({
      effect: 'destroy',
      host: null,
      alsoOn: null,
    });
  });
});
