import { z } from 'zod';
import { DeadlineError, withDeadline } from './deadline.ts';
import { errorReason } from './error-reason.ts';

/** Bounds on one conversation with Glance. */
export type GlanceLimits = {
  /** Until the status line and headers are there. */
  readonly headersMilliseconds: number;
  /** Between two chunks of a body, and until the first read of image data. */
  readonly idleMilliseconds: number;
  /** For a whole JSON body: a server that drips is as dead as a silent one. */
  readonly jsonMilliseconds: number;
  readonly jsonBytesMax: number;
  /** For all data of an image, however slowly it is taken. */
  readonly dataMilliseconds: number;
};

export const GLANCE_LIMITS: GlanceLimits = {
  headersMilliseconds: 30_000,
  idleMilliseconds: 30_000,
  jsonMilliseconds: 60_000,
  jsonBytesMax: 4 * 1024 * 1024,
  dataMilliseconds: 6 * 60 * 60 * 1000,
};

/** The endpoint as the service catalog has it, without `/v2`; credentials and queries have no place in it. */
export const glanceEndpointSchema = z
  .url({ protocol: /^https?$/ })
  .refine((text) => {
    const url = new URL(text);
    return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  }, 'must not contain credentials, a query or a fragment')
  .transform((text) => text.replace(/\/+$/, ''));

export type OpenedBody = {
  readonly answer: 'opened';
  readonly status: number;
  /** As the server said, null when it did not. */
  readonly contentBytes: number | null;
  /** Null when the server sent no body. Ending early closes the connection. */
  readonly read: ((totalMilliseconds: number) => AsyncIterable<Uint8Array>) | null;
  readonly close: (reason: string) => void;
};

export type GlanceRequestAnswer =
  OpenedBody | { readonly answer: 'imageNotFound' } | { readonly answer: 'failed'; readonly reason: string };

/** One GET. Redirects are not followed, for the token would go with them; no reason ever contains the token. */
export async function getFromGlance(
  url: string,
  token: () => Promise<string>,
  limits: GlanceLimits,
): Promise<GlanceRequestAnswer> {
  const abort = new AbortController();
  try {
    const accepted = await withDeadline(token(), limits.headersMilliseconds, 'a token');
    if (!/^[\x21-\x7e]+$/.test(accepted)) return failed('the token for Glance has characters no header may have');
    // Compressed bytes would not be the ones whose hash Glance recorded.
    const headers = { 'x-auth-token': accepted, 'accept-encoding': 'identity' };
    const request = fetch(url, { headers, redirect: 'manual', signal: abort.signal });
    const response = await withDeadline(request, limits.headersMilliseconds, 'an answer');
    const refusal = refusalOf(response.status);
    if (refusal !== null) {
      abort.abort();
      return refusal;
    }
    return opened(response, abort, limits);
  } catch (error) {
    abort.abort();
    return failed(
      `cannot reach Glance at ${new URL(url).origin}; check that it is up and the endpoint is right: ${errorReason(error)}`,
    );
  }
}

function opened(response: Response, abort: AbortController, limits: GlanceLimits): OpenedBody {
  const length = response.headers.get('content-length');
  return {
    answer: 'opened',
    status: response.status,
    contentBytes: length !== null && /^\d{1,15}$/.test(length) ? Number(length) : null,
    // Holds the response and not only its body: fetch cancels the body of a response that nobody holds any more, and
    // what is then read is empty and ends well.
    read:
      response.body === null
        ? null
        : (total) => readWithDeadlines(bodyOf(response), abort, limits.idleMilliseconds, total),
    close: (reason) => abort.abort(new DeadlineError(reason)),
  };
}

function bodyOf({ body }: Response): ReadableStream<Uint8Array> {
  if (body === null) throw new Error('bodyOf: a response without a body');
  return body;
}

function refusalOf(status: number): GlanceRequestAnswer | null {
  if (status === 404) return { answer: 'imageNotFound' };
  if (status === 200 || status === 204) return null;
  if (status === 401)
    return failed('Glance answered 401: the token is not valid; check the service user and its password');
  if (status === 403)
    return failed('Glance answered 403: the service user may not do this; check its role and the image’s visibility');
  if (status === 410) return failed('Glance answered 410: the image is being deleted; choose another image');
  if (status >= 300 && status < 400)
    return failed(`Glance answered ${status}: redirects are not followed; configure the final endpoint`);
  if (status >= 500)
    return failed(`Glance answered ${status}: it has a problem of its own; look at its log and try again`);
  return failed(`Glance answered ${status}, which is not expected here; check that the endpoint is an Image API v2`);
}

async function* readWithDeadlines(
  body: ReadableStream<Uint8Array>,
  abort: AbortController,
  idleMilliseconds: number,
  totalMilliseconds: number,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  const end = performance.now() + totalMilliseconds;
  try {
    for (;;) {
      const part = await withDeadline(reader.read(), idleMilliseconds, 'the next bytes from Glance');
      if (part.done) return;
      yield part.value;
      if (performance.now() > end)
        throw new DeadlineError(`Glance's data did not all come within ${totalMilliseconds} ms`);
    }
  } finally {
    // Closes the connection of a body that was not read to its end, and does nothing to one that was.
    abort.abort();
  }
}

function failed(reason: string): { readonly answer: 'failed'; readonly reason: string } {
  return { answer: 'failed', reason };
}
