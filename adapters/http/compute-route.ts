import type { z } from 'zod';
import type { RequestContext } from '../../application/request-context.ts';
import type { Microversion } from '../../domain/service-version/microversion.ts';
import type { HttpAnswer } from './http-answer.ts';
import type { Links } from './links.ts';

/** A request whose caller and microversion are known. */
export type ComputeRequest = {
  readonly context: RequestContext;
  readonly microversion: Microversion;
  /** The `:name` parts of the path, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Any JSON value at all; null for GET and DELETE. */
  readonly body: unknown;
  readonly links: Links;
};

type BodySchemaAt = (microversion: Microversion) => z.ZodType;

/** `since`: the first minor microversion that has it. */
export type DescribedAction = { readonly bodySchemaAt: BodySchemaAt; readonly since: number };

export type ComputeRoute = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/v2.1` and below `/v2.1/{project_id}`. */
  readonly path: `/${string}`;
  /** First and last minor microversion that has it; outside of them it does not exist. */
  readonly since: number;
  readonly until: number;
  /** Looked at before the project in the URL and before everything else (nova.md B.2 rows 3 and 4). */
  readonly refuseBody: (body: unknown) => HttpAnswer | null;
  /** A request of this method that has no body is none the worse for it; it then counts as null. */
  readonly bodyOptional: boolean;
  /** What its handler checks bodies against, for the API's description; null where no body is read. */
  readonly bodySchemaAt: BodySchemaAt | null;
  /** As `bodySchemaAt`, where the only key of the body chooses what is done. */
  readonly actions: ReadonlyMap<string, DescribedAction>;
  readonly handle: (request: ComputeRequest) => HttpAnswer | Promise<HttpAnswer>;
};

type Rest = Partial<Pick<ComputeRoute, 'since' | 'until' | 'refuseBody' | 'bodyOptional' | 'bodySchemaAt' | 'actions'>>;

/** A route that exists at every microversion, unless `rest` says otherwise. */
export function route(
  method: ComputeRoute['method'],
  path: ComputeRoute['path'],
  handle: ComputeRoute['handle'],
  rest: Rest = {},
): ComputeRoute {
  const always = {
    since: 1,
    until: Number.MAX_SAFE_INTEGER,
    refuseBody: () => null,
    bodyOptional: false,
    bodySchemaAt: null,
    actions: new Map(),
  };
  return { method, path, handle, ...always, ...rest };
}

/** A part of the path that the route's own pattern guarantees. */
export function parameter(request: ComputeRequest, name: string): string {
  const value = request.parameters[name];
  if (value === undefined) throw new Error(`the path of this route has no :${name}`);
  return value;
}
