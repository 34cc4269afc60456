import type { FastifyRequest } from 'fastify';
import { ok, type HttpAnswer } from '../http-answer.ts';
import { queryOf } from '../request-url.ts';
import {
  assignmentRows,
  catalogOf,
  domainRow,
  endpointRows,
  projectRow,
  regionRow,
  roleRow,
  serviceRow,
  userRow,
} from './identity-documents.ts';
import { identityFault } from './identity-fault.ts';
import { DEFAULT_DOMAIN, type IdentityService, type NamedId, type TokenFacts } from './identity-service.ts';
import { isAdministrator } from './token-owner.ts';

/** Everything of Keystone's that a client may look something up in. */
export const IDENTITY_COLLECTIONS = [
  'users',
  'projects',
  'roles',
  'domains',
  'regions',
  'services',
  'endpoints',
  'role_assignments',
  'auth/projects',
  'auth/domains',
  'auth/catalog',
] as const;

export type CollectionName = (typeof IDENTITY_COLLECTIONS)[number];

export type Reading = {
  readonly service: IdentityService;
  readonly caller: TokenFacts;
  readonly request: FastifyRequest;
  readonly base: string;
};

/** A whole collection, or what the query's `name` leaves of it. All of it for administrators only, as in Keystone. */
export function readCollection(name: CollectionName, { service, caller, request, base }: Reading): HttpAnswer {
  if (name === 'auth/catalog') {
    return ok({
      catalog: caller.project === null ? [] : catalogOf(service, base),
      links: { self: linkTo(name, base) },
    });
  }
  const isOwn = name === 'auth/projects' || name === 'auth/domains';
  if (!isOwn && !isAdministrator(caller)) return forbidden(name);
  const asked = queryOf(request).get('name');
  const key = name.replace('auth/', '');
  const rows = rowsOf(name, service, caller, base).filter(
    (row) => asked === null || Reflect.get(row, 'name') === asked,
  );
  return ok({ [key]: rows, links: { next: null, self: linkTo(name, base), previous: null } });
}

/** One row by its id. Who is no administrator may see themselves and the project of their token. */
export function readMember(name: CollectionName, { service, caller, request, base }: Reading): HttpAnswer {
  const { params } = request;
  const id = typeof params === 'object' && params !== null ? String(Reflect.get(params, 'id')) : '';
  const isOwn = id === caller.user.id || id === caller.project?.id || id === DEFAULT_DOMAIN.id;
  if (!isOwn && !isAdministrator(caller)) return forbidden(name);
  const found = rowsOf(name, service, caller, base).find((row) => Reflect.get(row, 'id') === id);
  const singular = name.slice(0, -1);
  return found === undefined ? identityFault(404, `Could not find ${singular}: ${id}.`) : ok({ [singular]: found });
}

function rowsOf(name: CollectionName, service: IdentityService, caller: TokenFacts, base: string): readonly object[] {
  const { region, projects, roles, services } = service.directory();
  switch (name) {
    case 'users':
      return service.users().map((user) => userRow(user, base));
    case 'projects':
      return projects.map((project) => projectRow(project, base));
    case 'auth/projects':
      return projectsOf(service, caller).map((project) => projectRow(project, base));
    case 'roles':
      return roles.map((role) => roleRow(role, base));
    case 'domains':
      return [domainRow(base)];
    case 'regions':
      return [regionRow(region, base)];
    case 'services':
      return services.map((one) => serviceRow(one, base));
    case 'endpoints':
      return endpointRows(service, base);
    case 'role_assignments':
      return assignmentRows(service.users(), base);
    case 'auth/domains':
    case 'auth/catalog':
      return [];
  }
}

function projectsOf(service: IdentityService, { user }: TokenFacts): readonly NamedId[] {
  const row = service.users().find(({ id }) => id === user.id);
  return row === undefined ? [] : row.projects.map(({ project }) => project);
}

const linkTo = (name: string, base: string): string => `${base}/v3/${name}`;

const forbidden = (name: string): HttpAnswer =>
  identityFault(403, `You are not authorized to perform the requested action: identity:list_${name}.`);
