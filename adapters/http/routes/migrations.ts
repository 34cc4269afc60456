import type { ColdMigrationRow } from '../../../application/views/cold-migrations.ts';
import type { MigrationRow } from '../../../application/views/migrations-view.ts';
import { route, type ComputeRequest, type ComputeRoute } from '../compute-route.ts';
import { badRequest, ok, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { nextLink } from '../links.ts';
import { pageOf } from '../page.ts';
import { refuseByPolicy } from '../policy.ts';
import { changedBetween, refuseQuery } from '../query-rules.ts';
import { coldMigration, migration } from '../representations/migration.ts';
import { supports } from '../supports.ts';
import { coldMigrationSurroundings, migrationSurroundings } from './describe-migration.ts';

const PAGED_SINCE = 59;

/** Every live migration ever asked for (nova.md G.2). */
export function migrationRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  return [route('GET', '/os-migrations', (request) => listMigrations(dependencies, request))];
}

function listMigrations(dependencies: RouteDependencies, request: ComputeRequest): HttpAnswer {
  const { query, microversion, links } = request;
  const refused = refuseMigrationQuery(request) ?? refuseCaller(request);
  if (refused !== null) return refused;
  const { migrations } = dependencies.views;
  const rows = [...migrations.all(), ...migrations.cold.all()]
    .filter(filterOf(request, dependencies))
    .toSorted((one, other) => one.number - other.number);
  const described = (shown: readonly AnyMigration[]) => shown.map((row) => describe(dependencies, request, row));
  if (!supports(microversion, PAGED_SINCE)) return ok({ migrations: described(rows) });
  const page = pageOf(rows.toReversed(), query, ({ migrationId }) => migrationId);
  if (page.answer === 'markerNotFound') return badRequest(`Marker ${page.marker} could not be found.`);
  return ok({
    migrations: described(page.rows),
    ...(page.next === null ? {} : { migrations_links: nextLink(links, 'os-migrations', query, page.next) }),
  });
}

type AnyMigration = MigrationRow | ColdMigrationRow;

function describe(dependencies: RouteDependencies, request: ComputeRequest, row: AnyMigration): object {
  const rule = 'os_compute_api:os-migrations:index:host';
  return 'migrationType' in row
    ? coldMigration(row, coldMigrationSurroundings(dependencies, request, row, rule))
    : migration(row, migrationSurroundings(dependencies, request, row, rule));
}

function refuseMigrationQuery({ query, microversion }: ComputeRequest): HttpAnswer | null {
  const known = [
    'hidden',
    'host',
    'instance_uuid',
    'source_compute',
    'status',
    'migration_type',
    ...(supports(microversion, PAGED_SINCE) ? ['limit', 'marker', 'changes-since'] : []),
    ...(supports(microversion, 66) ? ['changes-before'] : []),
    ...(supports(microversion, 80) ? ['user_id', 'project_id'] : []),
  ];
  return refuseQuery(query, { known, strictSince: PAGED_SINCE }, microversion);
}

/** A manager sees the migrations of the own project, and has to ask for just these. */
function refuseCaller({ context, query, microversion }: ComputeRequest): HttpAnswer | null {
  const project = supports(microversion, 80) ? query.get('project_id') : null;
  return (
    refuseByPolicy(context, 'os_compute_api:os-migrations:index') ??
    (project === context.projectId ? null : refuseByPolicy(context, 'os_compute_api:os-migrations:index:all_projects'))
  );
}

const is = (wanted: string | null, value: string | null): boolean => wanted === null || wanted === value;

function filterOf({ query, microversion }: ComputeRequest, { views }: RouteDependencies) {
  const { since, before } = supports(microversion, PAGED_SINCE)
    ? changedBetween(query)
    : { since: Number.NEGATIVE_INFINITY, before: Number.POSITIVE_INFINITY };
  const asked = (name: string): string | null => {
    const value = query.get(name);
    return value === '' ? null : value;
  };
  const project = supports(microversion, 80) ? asked('project_id') : null;
  const user = supports(microversion, 80) ? asked('user_id') : null;
  return (row: AnyMigration): boolean =>
    is(asked('instance_uuid'), row.instanceId) &&
    is(asked('source_compute'), row.source) &&
    is(asked('status'), row.status) &&
    is(asked('migration_type'), 'migrationType' in row ? row.migrationType : 'live-migration') &&
    (is(asked('host'), row.source) || is(asked('host'), row.destination)) &&
    // The server's project, and not that of the administrator who moved it.
    is(project, views.servers.find(row.instanceId)?.owner.projectId ?? null) &&
    is(user, row.initiator.userId) &&
    Date.parse(row.updatedAt) >= since &&
    Date.parse(row.updatedAt) <= before;
}
