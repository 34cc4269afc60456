import { accept, refuse, type Decision } from '../shared/decision.ts';
import type { ComputeServiceId, HostName, Instant, ServiceVersion } from '../shared/ids.ts';
import { impossible } from '../shared/impossible.ts';
import type { ComputeServiceEvent } from './compute-service-events.ts';
import type { ComputeServiceState, RegisteredComputeService } from './compute-service-state.ts';

export type ComputeServiceCommand =
  /** Sent by a host's compute service at every start and after its configuration changed. */
  | {
      readonly type: 'ReportComputeService';
      readonly serviceId: ComputeServiceId;
      readonly host: HostName;
      readonly version: ServiceVersion;
      readonly at: Instant;
    }
  | { readonly type: 'ReportDown'; readonly reason: string; readonly at: Instant }
  | { readonly type: 'ReportUp'; readonly at: Instant }
  | { readonly type: 'DisableComputeService'; readonly disabledReason: string | null; readonly at: Instant }
  | { readonly type: 'EnableComputeService'; readonly at: Instant }
  | { readonly type: 'ForceDown'; readonly forcedDown: boolean; readonly at: Instant }
  | { readonly type: 'RetireComputeService'; readonly at: Instant };

export type ComputeServiceRefusal =
  | { readonly reason: 'ComputeServiceNotFound' }
  /** Retire the host first: an API that has promised 202 must be able to rely on it. */
  | {
      readonly reason: 'ServiceVersionWentBackwards';
      readonly recorded: ServiceVersion;
      readonly reported: ServiceVersion;
    };

type ComputeServiceDecision = Decision<ComputeServiceEvent, ComputeServiceRefusal>;
type Report = Extract<ComputeServiceCommand, { type: 'ReportComputeService' }>;

/** Decides what becomes of one host's compute service. Repeating a command records nothing. */
export function decideComputeService(
  state: ComputeServiceState,
  command: ComputeServiceCommand,
): ComputeServiceDecision {
  if (command.type === 'ReportComputeService') return report(state, command);
  if (state.existence !== 'registered') return refuse({ reason: 'ComputeServiceNotFound' });
  return accept(...recorded(state, command));
}

function report(state: ComputeServiceState, { serviceId, host, version, at }: Report): ComputeServiceDecision {
  if (state.existence !== 'registered')
    return accept({ type: 'ComputeServiceRegistered', serviceId, host, version, at });
  if (version < state.version) {
    return refuse({ reason: 'ServiceVersionWentBackwards', recorded: state.version, reported: version });
  }
  const upgraded: readonly ComputeServiceEvent[] =
    version > state.version ? [{ type: 'ComputeServiceUpgraded', version, at }] : [];
  const cameUp: readonly ComputeServiceEvent[] = state.up ? [] : [{ type: 'ComputeServiceCameUp', at }];
  return accept(...upgraded, ...cameUp);
}

function recorded(
  state: RegisteredComputeService,
  command: Exclude<ComputeServiceCommand, Report>,
): readonly ComputeServiceEvent[] {
  const { at } = command;
  switch (command.type) {
    case 'ReportDown':
      return state.up ? [{ type: 'ComputeServiceWentDown', reason: command.reason, at }] : [];
    case 'ReportUp':
      return state.up ? [] : [{ type: 'ComputeServiceCameUp', at }];
    case 'DisableComputeService':
      return state.disabled && state.disabledReason === command.disabledReason
        ? []
        : [{ type: 'ComputeServiceDisabled', reason: command.disabledReason, at }];
    case 'EnableComputeService':
      return state.disabled ? [{ type: 'ComputeServiceEnabled', at }] : [];
    case 'ForceDown':
      return state.forcedDown === command.forcedDown
        ? []
        : [{ type: command.forcedDown ? 'ComputeServiceForcedDown' : 'ComputeServiceForcedDownCleared', at }];
    case 'RetireComputeService':
      return [{ type: 'ComputeServiceRetired', at }];
    default:
      return impossible(command, 'decideComputeService');
  }
}
