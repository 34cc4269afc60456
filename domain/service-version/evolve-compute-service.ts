import { impossible } from '../shared/impossible.ts';
import type { ComputeServiceEvent } from './compute-service-events.ts';
import type { ComputeServiceState, RegisteredComputeService } from './compute-service-state.ts';

/** Records what happened to one host's compute service. */
export function evolveComputeService(state: ComputeServiceState, event: ComputeServiceEvent): ComputeServiceState {
  if (event.type === 'ComputeServiceRegistered') {
    const { serviceId, host, version, at } = event;
    return {
      existence: 'registered',
      serviceId,
      host,
      version,
      up: true,
      downReason: null,
      disabled: false,
      disabledReason: null,
      forcedDown: false,
      updatedAt: at,
    };
  }
  if (state.existence !== 'registered')
    throw new Error(`evolveComputeService: ${event.type} for a service that is ${state.existence}`);
  if (event.type === 'ComputeServiceRetired') return { ...state, existence: 'retired', updatedAt: event.at };
  return { ...state, ...changes(event), updatedAt: event.at };
}

function changes(
  event: Exclude<ComputeServiceEvent, { type: 'ComputeServiceRegistered' | 'ComputeServiceRetired' }>,
): Partial<RegisteredComputeService> {
  switch (event.type) {
    case 'ComputeServiceUpgraded':
      return { version: event.version };
    case 'ComputeServiceWentDown':
      return { up: false, downReason: event.reason };
    case 'ComputeServiceCameUp':
      return { up: true, downReason: null };
    case 'ComputeServiceDisabled':
      return { disabled: true, disabledReason: event.reason };
    case 'ComputeServiceEnabled':
      return { disabled: false, disabledReason: null };
    case 'ComputeServiceForcedDown':
      return { forcedDown: true };
    case 'ComputeServiceForcedDownCleared':
      return { forcedDown: false };
    default:
      return impossible(event, 'evolveComputeService');
  }
}
