import { z } from 'zod';
import type { ComputeEndpoint } from './compute-endpoint.ts';

const DEADLINE_MS = 30_000;

const faultSchema = z.record(z.string(), z.looseObject({ message: z.string() }));

export type ComputeCall = {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
};

/** One request of an operator's command. Whatever is refused is thrown, with the API's own sentence. */
export async function askCompute(
  { url: endpoint, token }: ComputeEndpoint,
  { method, url, headers, body }: ComputeCall,
): Promise<{ readonly body: unknown; readonly requestId: string }> {
  const response = await fetch(url, {
    method,
    headers: {
      ...headers,
      ...(token === null ? {} : { 'x-auth-token': token }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? null : JSON.stringify(body),
    redirect: 'error',
    signal: AbortSignal.timeout(DEADLINE_MS),
  }).catch((error: unknown) => {
    throw new Error(`the Compute API at ${endpoint} cannot be reached; set OS_AUTH_URL or OS_ENDPOINT`, {
      cause: error,
    });
  });
  const text = await response.text();
  const given = jsonIn(text);
  if (!response.ok) {
    const sentence = sentenceIn(given);
    throw sentence === null ? foreignAnswer(url, response.status) : new Error(`${sentence} (${response.status})`);
  }
  if (given === undefined) throw foreignAnswer(url, response.status);
  return {
    body: given,
    requestId: response.headers.get('x-compute-request-id') ?? '',
  };
}

/** Of another program, or of another part of this one. */
const foreignAnswer = (url: string, status?: number): Error =>
  new Error(
    `${url} answers${status === undefined ? '' : ` (${status})`} as no Compute API of Lifeboat does; check OS_AUTH_URL or OS_ENDPOINT`,
  );

/** Null for no text at all, undefined for what is no JSON. */
function jsonIn(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Of Nova's fault format, and of Keystone's; null for anything else. */
function sentenceIn(given: unknown): string | null {
  const faults = faultSchema.safeParse(given);
  const [fault] = faults.success ? Object.values(faults.data) : [];
  return fault?.message ?? null;
}

/** What `schema` makes of an answer. Throws a sentence where it is not what a Lifeboat of this version answers. */
export function answerAs<Answer>(schema: z.ZodType<Answer>, url: string, body: unknown): Answer {
  const read = schema.safeParse(body);
  if (!read.success) throw foreignAnswer(url);
  return read.data;
}
