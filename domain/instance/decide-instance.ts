import { refuseLiveMigrate } from '../service-version/live-migrate-admission.ts';
import { liveMigrateMode } from '../service-version/live-migrate-mode.ts';
import { accept, refuse, type Decision } from '../shared/decision.ts';
import { impossible } from '../shared/impossible.ts';
import { decideEffectOutcome } from './decide-effect-outcome.ts';
import { decideServerChange } from './decide-server-change.ts';
import type {
  AdoptDestination,
  CompleteLiveMigration,
  CreateInstance,
  Delete,
  InstanceCommand,
  InstanceRefusal,
  LiveMigrate,
  Lock,
  ResetState,
  RollBackLiveMigration,
  RunPowerAction,
  Unlock,
} from './instance-commands.ts';
import type { InstanceEvent } from './instance-events.ts';
import { decidePowerState } from './power-state.ts';
import { taskStateOf, type InstanceState, type PresentInstance } from './instance-state.ts';
import { refuseInState, vmStatesForPowerAction, VM_STATES_FOR_RESCUE, VM_STATES_FOR_UNRESCUE } from './state-check.ts';

type InstanceDecision = Decision<InstanceEvent, InstanceRefusal>;

/** Answers every command in every state. Pure: what it needs to know of the world came in the command. */
export function decideInstance(state: InstanceState, command: InstanceCommand): InstanceDecision {
  if (command.type === 'CreateInstance') return create(state, command);
  if (state.existence !== 'present') return refuse({ reason: 'InstanceNotFound' });
  switch (command.type) {
    case 'RunPowerAction':
      return runPowerAction(state, command);
    case 'Rescue':
      return checked(
        state,
        { ...command, action: 'rescue', allowed: VM_STATES_FOR_RESCUE },
        {
          type: 'RescueRequested',
          rescueImages: command.rescueImages,
          initiator: command.initiator,
          at: command.at,
        },
      );
    case 'Unrescue':
      return checked(
        state,
        { ...command, action: 'unrescue', allowed: VM_STATES_FOR_UNRESCUE },
        {
          type: 'UnrescueRequested',
          initiator: command.initiator,
          at: command.at,
        },
      );
    case 'LiveMigrate':
      return liveMigrate(state, command);
    case 'Lock':
      return lock(state, command);
    case 'Unlock':
      return unlock(state, command);
    case 'ResetState':
      return resetState(command);
    case 'Delete':
      return requestDelete(state, command);
    case 'ObservePowerState':
      return accept(...decidePowerState(state, command));
    case 'RecordEffectOutcome':
      return accept(...decideEffectOutcome(state, command));
    case 'AdoptDestination':
      return adopt(state, command);
    case 'CompleteLiveMigration':
    case 'RollBackLiveMigration':
      return settle(state, command);
    case 'UpdateInstance':
    case 'ChangeMetadata':
    case 'ChangeTags':
    case 'Rebuild':
    case 'Resize':
    case 'ColdMigrate':
    case 'ConfirmResize':
    case 'RevertResize':
    case 'Shelve':
    case 'Unshelve':
    case 'CreateImage':
    case 'ChangeAdminPassword':
      return decideServerChange(state, command);
    default:
      return impossible(command, 'decideInstance');
  }
}

function create(state: InstanceState, command: CreateInstance): InstanceDecision {
  if (state.existence !== 'absent') return refuse({ reason: 'InstanceAlreadyExists' });
  const { instanceId, name, initiator, images, flavor, requestedHost, metadata, at } = command;
  const { options, details, tags = [], networkInterfaces: interfaces = [], userData } = command;
  const keyName = options?.keyName ?? null;
  return accept<InstanceEvent>(
    { type: 'InstanceCreateRequested', instanceId, name, initiator, images, flavor, requestedHost, metadata, at },
    ...(options === undefined ? [] : [{ type: 'CreateOptionsRecorded', options, at } as const]),
    ...(userData === undefined ? [] : [{ type: 'GuestDataReplaced', keyName, userData, initiator, at } as const]),
    ...(interfaces.length === 0 ? [] : [{ type: 'NetworkInterfacesRecorded', interfaces, at } as const]),
    ...(details === undefined ? [] : [{ type: 'InstanceUpdated', name, details, initiator, at } as const]),
    ...(tags.length === 0 ? [] : [{ type: 'InstanceTagsReplaced', tags, initiator, at } as const]),
  );
}

function runPowerAction(state: PresentInstance, command: RunPowerAction): InstanceDecision {
  const { action, rebootType, callerIsAdmin, initiator, at } = command;
  const allowed = vmStatesForPowerAction(action, rebootType);
  return checked(
    state,
    { action, allowed, callerIsAdmin },
    { type: 'PowerActionRequested', action, rebootType, initiator, at },
  );
}

function checked(
  state: PresentInstance,
  request: Parameters<typeof refuseInState>[1],
  event: InstanceEvent,
): InstanceDecision {
  const refusal = refuseInState(state, request);
  return refusal === null ? accept(event) : refuse(refusal);
}

function liveMigrate(state: PresentInstance, command: LiveMigrate): InstanceDecision {
  // The same request told twice inside the system; a second request of a client has an id of its own.
  if (state.migration === command.migrationId) return accept();
  const { host } = state;
  const refusal = refuseLiveMigrate({ ...state, taskState: taskStateOf(state), ...command });
  if (refusal !== null) return refuse(refusal);
  if (host === null) throw new Error('decideInstance: a launched server without a host');
  const { migrationId, requestedHost, blockMigration, initiator, at } = command;
  return accept({
    type: 'LiveMigrationRequested',
    migrationId,
    source: host,
    requestedHost,
    blockMigration,
    ...liveMigrateMode(command),
    initiator,
    at,
  });
}

function lock(state: PresentInstance, { reason, initiator, at }: Lock): InstanceDecision {
  if (state.locked && state.lockedReason === reason) return accept();
  return accept({ type: 'InstanceLocked', reason, initiator, at });
}

function unlock(state: PresentInstance, { initiator, at }: Unlock): InstanceDecision {
  return state.locked ? accept({ type: 'InstanceUnlocked', initiator, at }) : accept();
}

function resetState({ vmState, initiator, at }: ResetState): InstanceDecision {
  return accept({ type: 'InstanceStateReset', vmState, initiator, at });
}

function requestDelete(state: PresentInstance, { callerIsAdmin, initiator, at }: Delete): InstanceDecision {
  if (state.locked && !callerIsAdmin) return refuse({ reason: 'InstanceLocked', instanceId: state.instanceId });
  if (state.task?.task === 'delete') return accept();
  return accept({ type: 'DeleteRequested', initiator, at });
}

function adopt(state: PresentInstance, { migrationId, host, at }: AdoptDestination): InstanceDecision {
  if (state.migration !== migrationId || state.host === host) return accept();
  return accept({ type: 'DestinationAdopted', migrationId, host, at });
}

function settle(state: PresentInstance, command: CompleteLiveMigration | RollBackLiveMigration): InstanceDecision {
  const { migrationId, at } = command;
  if (state.migration !== migrationId) return accept();
  return command.type === 'CompleteLiveMigration'
    ? accept({ type: 'LiveMigrationCompleted', migrationId, at })
    : accept({ type: 'LiveMigrationRolledBack', migrationId, reason: command.reason, at });
}
