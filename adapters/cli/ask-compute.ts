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
  if (!response.ok) throw new Error(`${sentenceIn(text) ?? 'the Compute API refused it'} (${response.status})`);
  return {
    body: text === '' ? null : JSON.parse(text),
    requestId: response.headers.get('x-compute-request-id') ?? '',
  };
}

/** Of Nova's fault format, and of Keystone's; null for anything else. */
function sentenceIn(text: string): string | null {
  try {
    const [fault] = Object.values(faultSchema.parse(JSON.parse(text)));
    return fault?.message ?? null;
  } catch {
    return null;
  }
}
