import type { RecordedEvent } from '../../application/ports/event-store.ts';
import type { SubjectState } from '../../application/audit/audit-subject.ts';
import { taskStateOf, type InstanceState } from '../../domain/instance/instance-state.ts';
import { statusOf } from '../../domain/migration/migration-status.ts';
import type { SagaState } from '../../domain/migration/saga-state.ts';
import type { ComputeServiceState } from '../../domain/service-version/compute-service-state.ts';
import { isUp } from '../../domain/service-version/compute-service-state.ts';
import { eventText, onOneLine } from './event-text.ts';
import { table } from './text-table.ts';

type Facts = readonly (readonly [string, string])[];
type Migrations = readonly (readonly [string, SagaState])[];

/** A subject's state and its history as a person reads them: a table of facts, then one line for each event. */
export function auditText(audited: SubjectState, migrations: Migrations, history: readonly RecordedEvent[]): string {
  const facts = factsOf(audited, migrations);
  return [...facts.map(([key, value]) => `${key.padEnd(14)}${onOneLine(value)}`), '', historyText(history)].join('\n');
}

function factsOf(audited: SubjectState, migrations: Migrations): Facts {
  switch (audited.kind) {
    case 'server':
      return serverFacts(audited.state, migrations);
    case 'migration':
      return migrationFacts(audited.state);
    case 'host':
      return hostFacts(audited.state);
  }
}

function serverFacts(state: InstanceState, migrations: Migrations): Facts {
  if (state.existence === 'absent') return [['server', 'unknown']];
  return [
    ['server', `${state.instanceId} (${state.name})`],
    ['host', state.host ?? 'none'],
    ['vm_state', state.vmState],
    ['task_state', state.existence === 'present' ? (taskStateOf(state) ?? 'none') : 'none'],
    ['image', state.images.imageId],
    ['rescue image', state.rescue?.images.imageId ?? 'none'],
    ['locked', state.locked ? `yes${state.lockedReason === null ? '' : ` (${state.lockedReason})`}` : 'no'],
    ...migrations.map(([id, saga]) => ['migration', `${id}: ${saga.phase}`] as const),
  ];
}

function migrationFacts(saga: SagaState): Facts {
  if (saga.phase === 'absent') return [['migration', 'asked for, not begun']];
  return [
    ['migration', saga.migrationId],
    ['server', saga.instanceId],
    ['source', saga.source],
    ['destination', saga.destination ?? 'not chosen'],
    ['status', statusOf(saga)],
    ['phase', saga.phase],
    ['asked by', `${saga.initiator.userId} of project ${saga.initiator.projectId}`],
    ...('reason' in saga ? [['reason', saga.reason] as const] : []),
  ];
}

function hostFacts(service: ComputeServiceState): Facts {
  if (service.existence === 'absent') return [['host', 'unknown']];
  if (service.existence === 'retired') return [['host', `${service.host} (retired)`]];
  return [
    ['host', service.host],
    ['version', String(service.version)],
    ['state', isUp(service) ? 'up' : 'down'],
    ['because', (service.forcedDown ? 'forced down' : service.downReason) ?? '-'],
    ['status', service.disabled ? `disabled (${service.disabledReason ?? 'no reason given'})` : 'enabled'],
  ];
}

function historyText(history: readonly RecordedEvent[]): string {
  return table(
    ['position', 'recorded at (UTC)', 'by', 'event', 'what'],
    history.map((event) => [
      String(event.position),
      event.recordedAt,
      event.metadata.actor.slice(0, 12),
      event.data.type,
      eventText(event),
    ]),
  );
}
