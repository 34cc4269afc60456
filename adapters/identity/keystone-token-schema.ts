import { z } from 'zod';

const id = z.string().min(1).max(255);

/** What is needed of Keystone's description of a token; the catalog and the rest are not looked at. */
const tokenSchema = z.looseObject({
  token: z.looseObject({
    expires_at: z.string().max(64),
    user: z.looseObject({ id }),
    project: z.looseObject({ id }).nullish(),
    roles: z.array(z.looseObject({ name: z.string().min(1).max(255) })).default([]),
  }),
});

export type KeystoneToken = {
  readonly userId: string;
  /** Null for a token for a domain, for the system, or for nothing. */
  readonly projectId: string | null;
  readonly roles: readonly string[];
  readonly expiresAtMs: number;
};

/** The body of `GET` and `POST /v3/auth/tokens`; null when it is no such body. */
export function parseKeystoneToken(json: unknown): KeystoneToken | null {
  const parsed = tokenSchema.safeParse(json);
  if (!parsed.success) return null;
  const { expires_at: expiresAt, user, project, roles } = parsed.data.token;
  const expiresAtMs = Date.parse(expiresAt);
  if (Number.isNaN(expiresAtMs)) return null;
  return { userId: user.id, projectId: project?.id ?? null, roles: roles.map(({ name }) => name), expiresAtMs };
}
