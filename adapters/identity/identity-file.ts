import { z } from 'zod';
import type { CatalogService, NamedId, UserRow } from '../http/identity/identity-service.ts';
import { isPasswordHash } from './password-hash.ts';
import { stableId } from './stable-id.ts';

export const FILE_BYTES_MAX = 4 * 1024 * 1024;
const USERS_MAX = 1000;
const PROJECTS_MAX = 1000;
const ROLES_MAX = 100;
const SERVICES_MAX = 100;

const name = z.string().regex(/^[^\p{Cc}]{1,255}$/u, '1 to 255 characters, none of them a control character');
const id = z.string().regex(/^[0-9a-f]{1,64}$/, '1 to 64 lower-case hex digits, since it stands in URLs');
const roleName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, '1 to 64 letters, digits, dashes and underscores');

/** Unknown keys are refused: a misspelt one could leave somebody without the password its writer believes in. */
const identityFileSchema = z.strictObject({
  region: name.default('RegionOne'),
  projects: z.array(z.strictObject({ name, id: id.optional() })).max(PROJECTS_MAX),
  users: z
    .array(
      z.strictObject({
        name,
        id: id.optional(),
        passwordHash: z.string().refine(isPasswordHash, 'a hash as `lifeboat identity hash-password` prints it'),
        /** Project name to the names of the roles there. */
        projects: z.record(name, z.array(roleName).min(1).max(ROLES_MAX)).default({}),
      }),
    )
    .max(USERS_MAX),
  services: z
    .array(z.strictObject({ type: name, name, url: z.url({ protocol: /^https?$/ }) }))
    .max(SERVICES_MAX)
    .default([]),
});

type IdentityFile = z.infer<typeof identityFileSchema>;

export type StaticUser = UserRow & { readonly passwordHash: string };

export type IdentityDirectory = {
  readonly region: string;
  readonly projects: readonly NamedId[];
  readonly roles: readonly NamedId[];
  readonly users: readonly StaticUser[];
  readonly services: readonly CatalogService[];
};

export type ReadDirectory =
  | { readonly valid: true; readonly directory: IdentityDirectory }
  /** One sentence for each thing that is wrong. None of them holds a password or a hash. */
  | { readonly valid: false; readonly problems: readonly string[] };

/** The text of an identity file. Ids that it does not give are made from the names. */
export function parseIdentityFile(text: string): ReadDirectory {
  if (text.length > FILE_BYTES_MAX) return { valid: false, problems: [`larger than ${FILE_BYTES_MAX} bytes`] };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, in which the hashes stand.
    return { valid: false, problems: ['it is not JSON'] };
  }
  const parsed = identityFileSchema.safeParse(json);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
    return { valid: false, problems };
  }
  const problems = contradictionsIn(parsed.data);
  return problems.length > 0 ? { valid: false, problems } : { valid: true, directory: directoryOf(parsed.data) };
}

function contradictionsIn({ users, projects }: IdentityFile): readonly string[] {
  const known = new Set(projects.map((project) => project.name));
  const unknown = users.flatMap((user) =>
    Object.keys(user.projects)
      .filter((project) => !known.has(project))
      .map((project) => `users: ${user.name} has roles in ${project}, which is not among the projects`),
  );
  return [
    ...twice(
      'users',
      users.map((user) => user.name),
    ),
    ...twice(
      'users',
      users.map((user) => user.id ?? stableId('user', user.name)),
    ),
    ...twice(
      'projects',
      projects.map((project) => project.name),
    ),
    ...twice(
      'projects',
      projects.map((project) => project.id ?? stableId('project', project.name)),
    ),
    ...unknown,
  ];
}

function twice(where: string, values: readonly string[]): readonly string[] {
  const repeated = new Set(values.filter((value, index) => values.indexOf(value) !== index));
  return [...repeated].map((value) => `${where}: found ${value} twice`);
}

function directoryOf({ region, users, projects, services }: IdentityFile): IdentityDirectory {
  const rows = projects.map((project) => ({ id: project.id ?? stableId('project', project.name), name: project.name }));
  const projectOf = new Map(rows.map((project) => [project.name, project]));
  const people = users.map((user) => ({
    id: user.id ?? stableId('user', user.name),
    name: user.name,
    passwordHash: user.passwordHash,
    projects: Object.entries(user.projects).flatMap(([project, roles]) => {
      const row = projectOf.get(project);
      return row === undefined ? [] : [{ project: row, roles: withImplied(roles).map(role) }];
    }),
  }));
  const granted = users.flatMap((user) => Object.values(user.projects).flat());
  return { region, projects: rows, users: people, services, roles: withImplied(['admin', ...granted]).map(role) };
}

const role = (text: string): NamedId => ({ id: stableId('role', text), name: text });

/** Keystone's own implied roles: who may more may also less. */
const IMPLIED = ['admin', 'manager', 'member', 'reader'] as const;

function withImplied(roles: readonly string[]): readonly string[] {
  const first = IMPLIED.findIndex((implying) => roles.includes(implying));
  return [...new Set([...roles, ...(first === -1 ? [] : IMPLIED.slice(first))])];
}
