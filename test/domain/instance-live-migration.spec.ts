import { describe, expect, it } from 'vitest';
import type { InstanceCommand } from '../../domain/instance/instance-commands.ts';
import { serviceVersion } from '../../domain/shared/ids.ts';
import { givenInstance } from '../support/given.ts';
import {
  ADOPTED,
  AT,
  COMPLETED,
  DELETE_REQUESTED,
  DESTINATION,
  HISTORY,
  LIVE_MIGRATE,
  MIGRATION,
  MIGRATION_REQUESTED,
  ORIGINAL,
  OTHER_MIGRATION,
  OWNER,
  RESET_TO_ACTIVE,
  RESET_TO_ERROR,
  ROLLED_BACK,
  SOURCE,
  UNRESCUE_REQUESTED,
} from './instance-histories.fixture.ts';

const adopt: InstanceCommand = { type: 'AdoptDestination', migrationId: MIGRATION, host: DESTINATION, at: AT };
const complete: InstanceCommand = { type: 'CompleteLiveMigration', migrationId: MIGRATION, at: AT };
const rollBack: InstanceCommand = { type: 'RollBackLiveMigration', migrationId: MIGRATION, reason: 'no', at: AT };
const another: InstanceCommand = { ...LIVE_MIGRATE, migrationId: OTHER_MIGRATION };

describe('a live migration of a rescued server', () => {
  it('is requested from where the server is', () => {
    givenInstance(...HISTORY.rescued)
      .when(LIVE_MIGRATE)
      .thenEvents(MIGRATION_REQUESTED);
  });

  it('is refused to an older API and by an older fleet, and recorded in neither case', () => {
    const rescued = givenInstance(...HISTORY.rescued);
    rescued
      .when({ ...LIVE_MIGRATE, microversion: { major: 2, minor: 104 } })
      .thenRefused({ reason: 'InvalidVmState', action: 'os-migrateLive', vmState: 'rescued' });
    rescued
      .when({ ...LIVE_MIGRATE, minimumServiceVersion: serviceVersion(73) })
      .thenRefused({ reason: 'ComputeServiceTooOld', minimum: serviceVersion(73), required: serviceVersion(74) });
  });

  it('is requested once, however often it is told', () => {
    givenInstance(...HISTORY.migrating)
      .when(LIVE_MIGRATE)
      .thenEvents();
    givenInstance(...HISTORY.migrating)
      .when(another)
      .thenRefused({ reason: 'InvalidTaskState', action: 'os-migrateLive', taskState: 'migrating' });
  });

  it('stays the only one when the server’s state is set by hand meanwhile', () => {
    for (const reset of [RESET_TO_ACTIVE, RESET_TO_ERROR]) {
      const told = givenInstance(...HISTORY.migrating, reset, RESET_TO_ACTIVE);
      told.when(another).thenRefused({ reason: 'InvalidTaskState', action: 'os-migrateLive', taskState: 'migrating' });
      told.when(complete).thenEvents(COMPLETED);
    }
  });

  it('asks nothing of the server’s own runner', () => {
    expect(givenInstance(...HISTORY.migrating).nextEffect()).toBeNull();
  });
});

describe('what the saga tells', () => {
  it('is recorded once', () => {
    givenInstance(...HISTORY.migrating)
      .when(adopt)
      .thenEvents(ADOPTED);
    givenInstance(...HISTORY.migrating, ADOPTED)
      .when(adopt)
      .thenEvents();
    givenInstance(...HISTORY.migrating, ADOPTED)
      .when(complete)
      .thenEvents(COMPLETED);
    givenInstance(...HISTORY.migrating)
      .when(rollBack)
      .thenEvents(ROLLED_BACK);
    for (const ended of [COMPLETED, ROLLED_BACK]) {
      for (const command of [adopt, complete, rollBack]) {
        givenInstance(...HISTORY.migrating, ended)
          .when(command)
          .thenEvents();
      }
    }
  });

  it('is not heard of another migration, or by a server that is gone', () => {
    for (const command of [adopt, complete, rollBack]) {
      givenInstance(...HISTORY.rescued)
        .when(command)
        .thenEvents();
      givenInstance(...HISTORY.rescued, { ...MIGRATION_REQUESTED, migrationId: OTHER_MIGRATION })
        .when(command)
        .thenEvents();
      givenInstance(...HISTORY.deleted)
        .when(command)
        .thenRefused({ reason: 'InstanceNotFound' });
    }
  });
});

describe('after a live migration', () => {
  it('the server can be unrescued where it then is', () => {
    const moved = [...HISTORY.migrating, ADOPTED, COMPLETED];
    expect(givenInstance(...moved, UNRESCUE_REQUESTED).nextEffect()).toEqual({
      effect: 'unrescue',
      host: DESTINATION,
      original: ORIGINAL,
    });
    expect(givenInstance(...HISTORY.migrating, ROLLED_BACK, UNRESCUE_REQUESTED).nextEffect()).toEqual({
      effect: 'unrescue',
      host: SOURCE,
      original: ORIGINAL,
    });
  });

  it('another one starts from there', () => {
    givenInstance(...HISTORY.migrating, ADOPTED, COMPLETED)
      .when(another)
      .thenEvents({ ...MIGRATION_REQUESTED, migrationId: OTHER_MIGRATION, source: DESTINATION });
  });
});

describe('a deletion during a live migration', () => {
  const deleting = [...HISTORY.migrating, DELETE_REQUESTED];
  it('waits until it is known where the guest is', () => {
    expect(givenInstance(...deleting).nextEffect()).toBeNull();
    expect(givenInstance(...deleting, ADOPTED).nextEffect()).toBeNull();
    expect(givenInstance(...deleting, ADOPTED, COMPLETED).nextEffect()).toMatchObject({
      effect: 'destroy',
      host: DESTINATION,
    });
    expect(givenInstance(...deleting, ROLLED_BACK).nextEffect()).toMatchObject({ effect: 'destroy', host: SOURCE });
  });

  it('is not forgotten when the state is set by hand', () => {
    expect(givenInstance(...deleting, RESET_TO_ACTIVE, ROLLED_BACK).nextEffect()).toMatchObject({ effect: 'destroy' });
  });

  it('leaves no room for another request', () => {
    givenInstance(...deleting)
      .when({ type: 'Unrescue', ...OWNER })
      .thenRefused({ reason: 'InvalidTaskState', action: 'unrescue', taskState: 'deleting' });
  });
});
