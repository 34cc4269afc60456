import { ACCEPTED, CONFLICT } from './status-codes.ts';

/** What a route answers. Faults are answers too: nothing in a route throws to decide the flow. */
export type HttpAnswer = {
  readonly status: number;
  /** Null: an empty body, as Nova answers most changes. Bytes are sent as they are, anything else as its JSON. */
  readonly body: object | Buffer | null;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
};

const JSON_TYPE = 'application/json';
/** Nova names the character set in its faults and nowhere else. */
const FAULT_TYPE = 'application/json; charset=UTF-8';
/** How long a client should wait before it repeats what was answered with 503. */
export const RETRY_AFTER_SECONDS = 5;

/** `body`: bytes where an answer is too large to be made anew for each request. */
export const ok = (body: object): HttpAnswer => ({ status: 200, body, contentType: JSON_TYPE, headers: {} });
export const noContent = (): HttpAnswer => ({ status: 204, body: null, contentType: JSON_TYPE, headers: {} });
export const accepted = (): HttpAnswer => ({ status: ACCEPTED, body: null, contentType: JSON_TYPE, headers: {} });

/** The request was taken, and there is something to tell at once. `location`: the resource's address, where there is one. */
export const acceptedWith = (body: object | null, location: string | null): HttpAnswer => ({
  status: ACCEPTED,
  body,
  contentType: JSON_TYPE,
  headers: location === null ? {} : { location },
});

/** Something new is there. `body` null: nothing is told of it but where it is. */
export const created = (body: object | null, location: string | null = null): HttpAnswer => ({
  status: 201,
  body,
  contentType: JSON_TYPE,
  headers: location === null ? {} : { location },
});

/** For the bodies that are not in Nova's fault format: the version choices, Keystone's 401, the middleware's 404. */
export const plain = (status: number, body: object, headers: Readonly<Record<string, string>> = {}): HttpAnswer => ({
  status,
  body,
  contentType: JSON_TYPE,
  headers,
});

/** nova.md A.3; a status without a name of its own is a `computeFault`. */
const FAULT_NAMES: ReadonlyMap<number, string> = new Map([
  [400, 'badRequest'],
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'itemNotFound'],
  [CONFLICT, 'conflictingRequest'],
  [413, 'overLimit'],
  [415, 'badMediaType'],
  [501, 'notImplemented'],
  [503, 'serviceUnavailable'],
]);

/** Nova's fault format (nova.md A.3). */
export function fault(status: number, message: string): HttpAnswer {
  const name = FAULT_NAMES.get(status) ?? 'computeFault';
  return {
    status,
    body: { [name]: { code: status, message } },
    contentType: FAULT_TYPE,
    headers: status === 503 ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {},
  };
}

export const badRequest = (message: string): HttpAnswer => fault(400, message);
export const notFound = (message: string): HttpAnswer => fault(404, message);

/** What does not exist at the microversion of the request. */
export const notAtThisMicroversion = (): HttpAnswer => notFound('The resource could not be found.');

/** The body of the layer in front of Nova's own routes, for unknown paths and for unknown methods alike. */
export const unknownRoute = (): HttpAnswer =>
  plain(404, {
    message: 'The resource could not be found.<br /><br />\n\n\n',
    code: '404 Not Found',
    title: 'Not Found',
  });
