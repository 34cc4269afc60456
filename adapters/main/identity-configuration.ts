import { z } from 'zod';

const TOKEN_SECONDS_DEFAULT = 3600;
const TOKEN_SECONDS_MAX = 86_400;
/** keystonemiddleware's own default: so long a revoked token may still be accepted. */
const CACHE_SECONDS_DEFAULT = 300;
const CACHE_SECONDS_MAX = 3600;
const name = z.string().min(1).max(255);
const absolutePath = z.string().regex(/^\/[^\0]*[^/\0]$/, 'an absolute path without a slash at the end');

/** Who may use the API. docs/identity.md tells more. */
export const identitySchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('none').describe('Nobody is asked; only on a loopback address.'),
    }),
    z.strictObject({
      kind: z.literal('static'),
      file: absolutePath.describe('Users, projects and roles; read anew at SIGHUP. With kind `static`.'),
      tokenSeconds: z
        .number()
        .int()
        .min(60)
        .max(TOKEN_SECONDS_MAX)
        .default(TOKEN_SECONDS_DEFAULT)
        .describe('How long a token is valid. With kind `static`.'),
    }),
    z.strictObject({
      kind: z.literal('keystone'),
      authUrl: z
        .url({ protocol: /^https?$/ })
        .describe('Of Keystone, with `/v3`, as this server reaches it. With kind `keystone`.'),
      publicUrl: z
        .url({ protocol: /^https?$/ })
        .nullable()
        .default(null)
        .describe('Of Keystone, as clients reach it, for the 401; null: `authUrl`. With kind `keystone`.'),
      username: name.describe('The service user that asks about tokens. With kind `keystone`.'),
      passwordFile: absolutePath.describe(
        'Its password; read anew for each new token of its own. With kind `keystone`.',
      ),
      projectName: name.default('service').describe('The project of that user. With kind `keystone`.'),
      userDomainName: name.default('Default').describe('With kind `keystone`.'),
      projectDomainName: name.default('Default').describe('With kind `keystone`.'),
      cacheSeconds: z
        .number()
        .int()
        .min(0)
        .max(CACHE_SECONDS_MAX)
        .default(CACHE_SECONDS_DEFAULT)
        .describe('How long an answer about a token is believed; so long a revoked one works. With kind `keystone`.'),
    }),
  ])
  .default({ kind: 'none' })
  .describe('Who may use the API: docs/identity.md.');
