import { plain, type HttpAnswer } from '../http-answer.ts';

const TITLES: ReadonlyMap<number, string> = new Map([
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [429, 'Too Many Requests'],
]);

/** Keystone's fault format, which differs from Nova's. */
export function identityFault(
  code: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  return plain(code, { error: { code, message, title: TITLES.get(code) ?? 'Error' } }, headers);
}

/** The same for every cause: a client is not told whether the user, the password or the project was wrong. */
export const unauthenticated = (base: string): HttpAnswer =>
  identityFault(401, 'The request you have made requires authentication.', {
    'www-authenticate': `Keystone uri="${base.replaceAll('"', '')}/v3"`,
  });
