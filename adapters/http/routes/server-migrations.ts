import type { MigrationRow } from '../../../application/views/migrations-view.ts';
import type { ServerRow } from '../../../application/views/servers-view.ts';
import { parameter, route, type ComputeRequest, type ComputeRoute } from '../compute-route.ts';
import { instanceNotFound } from '../fault-messages.ts';
import { notFound, ok, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { refuseByPolicy, type PolicyRule } from '../policy.ts';
import { isInProgress, serverMigration } from '../representations/migration.ts';
import { migrationSurroundings } from './describe-migration.ts';
import { presentServer } from './visible-server.ts';

const SINCE = 23;

/** Only live migrations that are in progress; all others are in `/os-migrations` (nova.md G.1). */
export function serverMigrationRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  const path = '/servers/:id/migrations';
  return [
    route('GET', path, (request) => listMigrations(dependencies, request), { since: SINCE }),
    route('GET', `${path}/:migration_id`, (request) => showMigration(dependencies, request), { since: SINCE }),
  ];
}

type Found =
  { readonly answer: 'found'; readonly server: ServerRow } | { readonly answer: 'refused'; readonly with: HttpAnswer };

function serverFor({ views }: RouteDependencies, request: ComputeRequest, rule: PolicyRule): Found {
  const givenId = parameter(request, 'id');
  const server = presentServer(views, request.context, givenId);
  if (server === null) return { answer: 'refused', with: notFound(instanceNotFound(givenId)) };
  const forbidden = refuseByPolicy(request.context, rule, server.owner.projectId);
  return forbidden === null ? { answer: 'found', server } : { answer: 'refused', with: forbidden };
}

function listMigrations(dependencies: RouteDependencies, request: ComputeRequest): HttpAnswer {
  const found = serverFor(dependencies, request, 'os_compute_api:servers:migrations:index');
  if (found.answer === 'refused') return found.with;
  const rows = dependencies.views.migrations.ofInstance(found.server.instanceId).filter(isInProgress);
  return ok({ migrations: rows.map((row) => described(dependencies, request, row)) });
}

function showMigration(dependencies: RouteDependencies, request: ComputeRequest): HttpAnswer {
  const found = serverFor(dependencies, request, 'os_compute_api:servers:migrations:show');
  if (found.answer === 'refused') return found.with;
  const wanted = parameter(request, 'migration_id');
  const uuid = found.server.instanceId;
  const row = dependencies.views.migrations.ofInstance(uuid).find(({ number }) => String(number) === wanted);
  if (row === undefined) return notFound(`In-progress live migration ${wanted} is not found for server ${uuid}.`);
  return isInProgress(row)
    ? ok({ migration: described(dependencies, request, row) })
    : notFound(`Live migration ${wanted} for server ${uuid} is not in progress.`);
}

const described = (dependencies: RouteDependencies, request: ComputeRequest, row: MigrationRow): object =>
  serverMigration(
    row,
    migrationSurroundings(dependencies, request, row, 'os_compute_api:servers:migrations:index:host'),
  );
