import { describe, expect, it } from 'vitest';
import type { ComputeServiceEvent } from '../../domain/service-version/compute-service-events.ts';
import { INITIAL_COMPUTE_SERVICE } from '../../domain/service-version/compute-service-state.ts';
import type { ComputeServiceCommand } from '../../domain/service-version/decide-compute-service.ts';
import { evolveComputeService } from '../../domain/service-version/evolve-compute-service.ts';
import { minimumServiceVersion } from '../../domain/service-version/minimum-service-version.ts';
import { computeServiceId, hostName, serviceVersion } from '../../domain/shared/ids.ts';
import { givenComputeService } from '../support/given.ts';
import { AT } from './instance-histories.fixture.ts';

const HOST = hostName('compute-a');
const ID = computeServiceId('2d0d3f0c-5a80-4a26-b4e8-7b9e4a9a1c11');
const registered = (version: number): ComputeServiceEvent => ({
  type: 'ComputeServiceRegistered',
  serviceId: ID,
  host: HOST,
  version: serviceVersion(version),
  at: AT,
});
const report = (version: number): ComputeServiceCommand => ({
  type: 'ReportComputeService',
  serviceId: ID,
  host: HOST,
  version: serviceVersion(version),
  at: AT,
});
const WENT_DOWN: ComputeServiceEvent = { type: 'ComputeServiceWentDown', reason: 'silence', at: AT };
const CAME_UP: ComputeServiceEvent = { type: 'ComputeServiceCameUp', at: AT };
const FORCED_DOWN: ComputeServiceEvent = { type: 'ComputeServiceForcedDown', at: AT };
const FORCED_DOWN_CLEARED: ComputeServiceEvent = { type: 'ComputeServiceForcedDownCleared', at: AT };
const RETIRED: ComputeServiceEvent = { type: 'ComputeServiceRetired', at: AT };
const DISABLED: ComputeServiceEvent = { type: 'ComputeServiceDisabled', reason: 'upgrade', at: AT };
const ENABLED: ComputeServiceEvent = { type: 'ComputeServiceEnabled', at: AT };
const UPGRADED: ComputeServiceEvent = { type: 'ComputeServiceUpgraded', version: serviceVersion(74), at: AT };

describe('a compute service that reports', () => {
  it('is registered by its first report, and again after it was retired', () => {
    givenComputeService().when(report(73)).thenEvents(registered(73));
    givenComputeService(registered(73), RETIRED).when(report(72)).thenEvents(registered(72));
  });

  it('is recorded as upgraded, as up again, or not at all when nothing is new', () => {
    givenComputeService(registered(73)).when(report(73)).thenEvents();
    givenComputeService(registered(73)).when(report(74)).thenEvents(UPGRADED);
    givenComputeService(registered(73), WENT_DOWN).when(report(74)).thenEvents(UPGRADED, CAME_UP);
    givenComputeService(registered(73), WENT_DOWN).when(report(73)).thenEvents(CAME_UP);
  });

  it('never goes back to an older version, whatever has happened since', () => {
    const refusal = {
      reason: 'ServiceVersionWentBackwards',
      recorded: serviceVersion(74),
      reported: serviceVersion(73),
    } as const;
    givenComputeService(registered(74)).when(report(73)).thenRefused(refusal);
    givenComputeService(registered(73), UPGRADED, WENT_DOWN, FORCED_DOWN).when(report(73)).thenRefused(refusal);
  });
});

const forceDown = (forcedDown: boolean): ComputeServiceCommand => ({ type: 'ForceDown', forcedDown, at: AT });

describe('an operator’s word about a compute service', () => {
  const disable: ComputeServiceCommand = { type: 'DisableComputeService', disabledReason: 'upgrade', at: AT };
  const enable: ComputeServiceCommand = { type: 'EnableComputeService', at: AT };
  const table: readonly [
    string,
    readonly ComputeServiceEvent[],
    ComputeServiceCommand,
    readonly ComputeServiceEvent[],
  ][] = [
    ['down', [], { type: 'ReportDown', reason: 'silence', at: AT }, [WENT_DOWN]],
    ['down again', [WENT_DOWN], { type: 'ReportDown', reason: 'other', at: AT }, []],
    ['up', [WENT_DOWN], { type: 'ReportUp', at: AT }, [CAME_UP]],
    ['up again', [], { type: 'ReportUp', at: AT }, []],
    ['disabled', [], disable, [DISABLED]],
    ['disabled again', [DISABLED], disable, []],
    [
      'disabled for another reason',
      [DISABLED],
      { ...disable, disabledReason: null },
      [{ type: 'ComputeServiceDisabled', reason: null, at: AT }],
    ],
    ['enabled', [DISABLED], enable, [ENABLED]],
    ['enabled again', [], enable, []],
    ['forced down', [], forceDown(true), [FORCED_DOWN]],
    ['forced down again', [FORCED_DOWN], forceDown(true), []],
    ['forced down no more', [FORCED_DOWN], forceDown(false), [FORCED_DOWN_CLEARED]],
    ['not forced down', [FORCED_DOWN, FORCED_DOWN_CLEARED], forceDown(false), []],
    ['retired', [], { type: 'RetireComputeService', at: AT }, [RETIRED]],
  ];

  it.each(table)('%s', (_name, history, command, events) => {
    givenComputeService(registered(73), ...history)
      .when(command)
      .thenEvents(...events);
    givenComputeService().when(command).thenRefused({ reason: 'ComputeServiceNotFound' });
    givenComputeService(registered(73), RETIRED).when(command).thenRefused({ reason: 'ComputeServiceNotFound' });
  });

  it('about one that never was is a bug in the log', () => {
    expect(() => givenComputeService(CAME_UP)).toThrow('ComputeServiceCameUp for a service that is absent');
    expect(() => givenComputeService(registered(73), RETIRED, CAME_UP)).toThrow('for a service that is retired');
  });
});

const service = (...history: readonly ComputeServiceEvent[]) =>
  history.reduce(evolveComputeService, INITIAL_COMPUTE_SERVICE);

describe('the minimum service version of a deployment', () => {
  it.each([
    ['is 0 without any service', [], 0],
    ['is that of the only service', [service(registered(74))], 74],
    ['is the oldest, as a number', [service(registered(100)), service(registered(74)), service(registered(99))], 74],
    ['follows an upgrade', [service(registered(73), UPGRADED)], 74],
    ['counts a silent service', [service(registered(73), WENT_DOWN), service(registered(74))], 73],
    ['counts a disabled service', [service(registered(73), DISABLED), service(registered(74))], 73],
    ['leaves out one that is forced down', [service(registered(73), FORCED_DOWN), service(registered(74))], 74],
    ['counts one that is forced down no more', [service(registered(73), FORCED_DOWN, FORCED_DOWN_CLEARED)], 73],
    ['leaves out a retired one', [service(registered(73), RETIRED), service(registered(74))], 74],
    ['is 0 when all are forced down', [service(registered(74), FORCED_DOWN)], 0],
    ['leaves out one that never was', [service(), service(registered(74))], 74],
  ])('%s', (_name, services, minimum) => {
    expect(minimumServiceVersion(services)).toBe(minimum);
  });
});
