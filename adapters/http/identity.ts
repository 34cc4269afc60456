import type { IncomingHttpHeaders } from 'node:http';
import type { RequestContext } from '../../application/request-context.ts';

export type IdentityAnswer =
  | { readonly answer: 'authenticated'; readonly caller: Omit<RequestContext, 'requestId'> }
  /** `challenge` is the `WWW-Authenticate` header of the 401, which tells a client where to get a token. */
  | { readonly answer: 'unauthenticated'; readonly challenge: string }
  /** The identity service did not say. Never treated as "not authenticated": clients would throw good tokens away. */
  | { readonly answer: 'unavailable'; readonly reason: string };

/** Who is asking. Called once for each request that needs a caller, before anything else of it is looked at. */
export interface Identity {
  authenticate(headers: Readonly<IncomingHttpHeaders>): Promise<IdentityAnswer>;
}
