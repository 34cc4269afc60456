/** For one request to Keystone, headers and body. */
export const REQUEST_DEADLINE_MS = 10_000;
/** A token with a catalog of hundreds of endpoints is about 100 kB. */
const BODY_BYTES_MAX = 1024 * 1024;

export type KeystoneRequest = {
  readonly method: 'GET' | 'POST';
  /** Below `/v3`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
};

export type KeystoneAnswer =
  | {
      readonly answer: 'answered';
      readonly status: number;
      readonly headers: Headers;
      /** Undefined where the body is no JSON. */
      readonly json: unknown;
    }
  /** Not reached, not in time, or too much. The reason never holds a token or a password. */
  | { readonly answer: 'failed'; readonly reason: string };

/** One request. Redirects are not followed: a token or a password would go with them. */
export async function askKeystone(
  authUrl: string,
  { method, path, headers, body }: KeystoneRequest,
  deadlineMs: number = REQUEST_DEADLINE_MS,
): Promise<KeystoneAnswer> {
  try {
    const response = await fetch(`${authUrl.replace(/\/+$/, '')}${path}`, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === null ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(deadlineMs),
    });
    const text = await textOf(response);
    return { answer: 'answered', status: response.status, headers: response.headers, json: jsonOf(text) };
  } catch (error) {
    return { answer: 'failed', reason: `${method} ${path} at ${new URL(authUrl).origin}: ${reasonOf(error)}` };
  }
}

async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let seenBytes = 0;
  for await (const chunk of body ?? []) {
    seenBytes += chunk.byteLength;
    if (seenBytes > BODY_BYTES_MAX) throw new Error(`the answer is larger than ${BODY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Node's fetch says "fetch failed"; why is in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
