import { z } from 'zod';
import { DEFAULT_DOMAIN, type Reference, type TokenRequest } from './identity-service.ts';

const TEXT_CHARACTERS_MAX = 1024;
const text = z.string().max(TEXT_CHARACTERS_MAX);
const domain = z.looseObject({ id: text.optional(), name: text.optional() });
const named = z.looseObject({ id: text.optional(), name: text.optional(), domain: domain.optional() });

/** What Keystone's clients send; what else they may send is ignored, as Keystone does. */
const bodySchema = z.object({
  auth: z.looseObject({
    identity: z.looseObject({
      methods: z.array(text).min(1).max(8),
      password: z.looseObject({ user: named.extend({ password: z.string() }) }).optional(),
      token: z.looseObject({ id: z.string().max(8192) }).optional(),
    }),
    scope: z
      .union([
        z.literal('unscoped'),
        z.looseObject({ project: named.optional(), system: z.unknown().optional(), domain: z.unknown().optional() }),
      ])
      .optional(),
  }),
});

export type ParsedTokenRequest =
  | { readonly answer: 'parsed'; readonly request: Omit<TokenRequest, 'address'> }
  | { readonly answer: 'malformed'; readonly reason: string }
  /** Well-formed, and for something that nobody has here: another domain, the system, another method. */
  | { readonly answer: 'refused' };

/** The body of `POST /v3/auth/tokens`, any JSON value at all. No reason holds what the client sent. */
export function parseTokenRequest(body: unknown): ParsedTokenRequest {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) {
    const places = parsed.error.issues.map(({ path }) => path.join('.') || 'the body');
    return malformed(`Invalid input for ${[...new Set(places)].join(', ')}.`);
  }
  const { identity, scope } = parsed.data.auth;
  const credential = credentialOf(identity);
  if (credential.answer !== 'credential') return credential;
  const asked = scope === undefined || scope === 'unscoped' ? null : scope;
  if (asked === null) return { answer: 'parsed', request: { credential: credential.value, project: null } };
  if (asked.project === undefined) return { answer: 'refused' };
  const project = referenceTo(asked.project, 'project');
  if (project.answer !== 'reference') return project;
  return { answer: 'parsed', request: { credential: credential.value, project: project.value } };
}

type Refused = Exclude<ParsedTokenRequest, { answer: 'parsed' }>;

function credentialOf({
  methods,
  password,
  token,
}: z.infer<typeof bodySchema>['auth']['identity']):
  { readonly answer: 'credential'; readonly value: TokenRequest['credential'] } | Refused {
  const [method, ...others] = methods;
  // Several methods at one time mean several factors, of which there is one here.
  if (others.length > 0) return { answer: 'refused' };
  if (method === 'token') {
    if (token === undefined) return malformed('Expecting to find token in identity.');
    return { answer: 'credential', value: { method: 'token', token: token.id } };
  }
  if (method !== 'password') return { answer: 'refused' };
  if (password === undefined) return malformed('Expecting to find password in identity.');
  const user = referenceTo(password.user, 'user');
  if (user.answer !== 'reference') return user;
  return {
    answer: 'credential',
    value: { method: 'password', user: user.value, password: password.user.password },
  };
}

function referenceTo(
  given: z.infer<typeof named>,
  what: 'user' | 'project',
): { readonly answer: 'reference'; readonly value: Reference } | Refused {
  if (given.id !== undefined) return { answer: 'reference', value: { id: given.id } };
  if (given.name === undefined) return malformed(`Expecting to find id or name in ${what}.`);
  if (given.domain === undefined) return malformed(`Expecting to find domain in ${what}.`);
  const { id, name } = given.domain;
  // Keystone's usual database compares names of domains without regard to case, and clients' files rely on it.
  const isDefault = id === undefined ? name?.toLowerCase() === DEFAULT_DOMAIN.id : id === DEFAULT_DOMAIN.id;
  return isDefault ? { answer: 'reference', value: { name: given.name } } : { answer: 'refused' };
}

const malformed = (reason: string): Refused => ({
  answer: 'malformed',
  reason: `${reason} The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.`,
});
