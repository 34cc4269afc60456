import type { MigrationRow } from '../../application/views/migrations-view.ts';
import type { ServerRow } from '../../application/views/servers-view.ts';
import type { Views } from '../../application/views/views.ts';
import { taskStateOf } from '../../domain/instance/instance-state.ts';
import { isUp } from '../../domain/service-version/compute-service-state.ts';
import { onOneLine } from './event-text.ts';
import { migrationsText } from './migrations-text.ts';
import { table } from './text-table.ts';

/** Every host, every server that is not deleted, and what was being migrated. */
export function fleetText(views: Views): string {
  const hosts = views.computeServices
    .all()
    .map((service) => [
      service.host,
      String(service.version),
      isUp(service) ? 'up' : 'down',
      service.disabled ? 'disabled' : 'enabled',
    ]);
  const servers = presentServers(views).map((server) => [
    server.instanceId,
    server.host ?? '-',
    server.vmState,
    (server.existence === 'present' ? taskStateOf(server) : null) ?? '-',
    onOneLine(server.name),
  ]);
  return [
    `after the event at position ${views.position}`,
    table(['host', 'version', 'state', 'status'], hosts),
    table(['server', 'host', 'vm_state', 'task_state', 'name'], servers),
    migrationsText(openMigrations(views)),
  ].join('\n\n');
}

/** One object: `position`, and the rows of the three views as they were, deleted servers and ended migrations included. */
export function fleetJson(views: Views): string {
  return JSON.stringify({
    position: views.position,
    hosts: views.computeServices.all(),
    servers: [...views.servers.all()],
    migrations: [...views.migrations.all()],
  });
}

const presentServers = (views: Views): readonly ServerRow[] =>
  [...views.servers.all()].filter(({ existence }) => existence === 'present');

const openMigrations = (views: Views): readonly MigrationRow[] =>
  [...views.migrations.all()].filter(({ saga }) => saga.phase !== 'completed' && saga.phase !== 'rolledBack');
