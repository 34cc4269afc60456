import { badRequest, fault, type HttpAnswer } from './http-answer.ts';

export type ReadBody =
  { readonly answer: 'read'; readonly value: unknown } | { readonly answer: 'refused'; readonly with: HttpAnswer };

/** No or a plain content type is tolerated, as Nova does (nova.md B.2 row 2). */
const TOLERATED_TYPES: readonly string[] = ['application/json', 'application/vnd.openstack.compute+json', 'text/plain'];

export const malformedBody = (): HttpAnswer => badRequest('Malformed request body');

/** The bytes of a body as a JSON value. What is refused: another content type, no JSON, and a key `__proto__`. */
export function readJsonBody(bytes: unknown, contentType: string | undefined): ReadBody {
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type !== '' && !TOLERATED_TYPES.includes(type)) {
    return { answer: 'refused', with: fault(415, 'Unsupported Content-Type') };
  }
  if (!Buffer.isBuffer(bytes)) return { answer: 'refused', with: malformedBody() };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { answer: 'read', value: JSON.parse(text, refuseProto) };
  } catch {
    // Not UTF-8, not JSON, nested deeper than the stack, or with a key that assignment would turn into a prototype.
    return { answer: 'refused', with: malformedBody() };
  }
}

function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('a key __proto__');
  return value;
}

/** Action bodies hold exactly one key, the action's name (nova.md B.2 row 3); null otherwise. */
export function singleKeyOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return null;
  const [key, ...others] = Object.keys(body);
  return key !== undefined && others.length === 0 ? key : null;
}
