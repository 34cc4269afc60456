import { createHash } from 'node:crypto';
import { inMicroseconds } from '../time-format.ts';
import {
  DEFAULT_DOMAIN,
  type CatalogService,
  type IdentityService,
  type NamedId,
  type TokenFacts,
  type UserRow,
} from './identity-service.ts';

const ID_CHARACTERS = 32;

/** The version of Keystone's API whose reading half this is. */
export function identityVersion(base: string): object {
  return {
    version: {
      id: 'v3.14',
      status: 'stable',
      updated: '2020-04-07T00:00:00Z',
      links: [{ rel: 'self', href: `${base}/v3/` }],
      'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
    },
  };
}

/** Of a token for a project: with its roles and the catalog; of a token for none: who it is. */
export function tokenDocument(facts: TokenFacts, service: IdentityService, base: string): object {
  const { user, project, roles } = facts;
  return {
    token: {
      methods: facts.methods,
      user: { domain: DEFAULT_DOMAIN, ...user, password_expires_at: null },
      audit_ids: [facts.auditId],
      expires_at: timestamp(facts.expiresAtMs),
      issued_at: timestamp(facts.issuedAtMs),
      ...(project === null
        ? {}
        : {
            project: { domain: DEFAULT_DOMAIN, ...project },
            is_domain: false,
            roles,
            catalog: catalogOf(service, base),
          }),
    },
  };
}

export function catalogOf(service: IdentityService, base: string): readonly object[] {
  const { region, services } = service.directory();
  return services.map((one) => ({
    endpoints: endpointsOf(one, region, base),
    id: idOf(`service ${one.type}`),
    type: one.type,
    name: one.name,
  }));
}

/** Every interface is the same address: whoever asks for the internal one must not be left without any. */
function endpointsOf({ type, url }: CatalogService, region: string, base: string): readonly object[] {
  return ['public', 'internal', 'admin'].map((interfaceName) => ({
    id: idOf(`endpoint ${type} ${interfaceName}`),
    interface: interfaceName,
    region_id: region,
    region,
    url: url.startsWith('/') ? `${base}${url}` : url,
  }));
}

export function userRow({ id, name }: UserRow, base: string): object {
  const links = { self: `${base}/v3/users/${id}` };
  return { id, name, domain_id: DEFAULT_DOMAIN.id, enabled: true, password_expires_at: null, options: {}, links };
}

export function projectRow({ id, name }: NamedId, base: string): object {
  return {
    id,
    name,
    domain_id: DEFAULT_DOMAIN.id,
    description: '',
    enabled: true,
    parent_id: DEFAULT_DOMAIN.id,
    is_domain: false,
    tags: [],
    options: {},
    links: { self: `${base}/v3/projects/${id}` },
  };
}

export function roleRow({ id, name }: NamedId, base: string): object {
  return { id, name, domain_id: null, description: null, options: {}, links: { self: `${base}/v3/roles/${id}` } };
}

export function domainRow(base: string): object {
  const links = { self: `${base}/v3/domains/${DEFAULT_DOMAIN.id}` };
  return { ...DEFAULT_DOMAIN, description: 'The default domain', enabled: true, tags: [], options: {}, links };
}

export function regionRow(region: string, base: string): object {
  return { id: region, description: '', parent_region_id: null, links: { self: `${base}/v3/regions/${region}` } };
}

export function serviceRow({ type, name }: CatalogService, base: string): object {
  const id = idOf(`service ${type}`);
  return { name, id, type, enabled: true, links: { self: `${base}/v3/services/${id}` } };
}

export function endpointRows(service: IdentityService, base: string): readonly object[] {
  const { region, services } = service.directory();
  return services.flatMap((one) =>
    endpointsOf(one, region, base).map((endpoint) => ({
      ...endpoint,
      service_id: idOf(`service ${one.type}`),
      enabled: true,
      links: { self: `${base}/v3/endpoints` },
    })),
  );
}

export function assignmentRows(users: readonly UserRow[], base: string): readonly object[] {
  return users.flatMap(({ id, projects }) =>
    projects.flatMap(({ project, roles }) =>
      roles.map((role) => ({
        links: { assignment: `${base}/v3/projects/${project.id}/users/${id}/roles/${role.id}` },
        scope: { project: { id: project.id } },
        user: { id },
        role: { id: role.id },
      })),
    ),
  );
}

const timestamp = (milliseconds: number): string => `${inMicroseconds(new Date(milliseconds).toISOString())}Z`;

const idOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, ID_CHARACTERS);
