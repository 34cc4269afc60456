import { EventUnreadable, StoreUnavailable } from '../../application/ports/event-store.ts';

// Of https://grpc.github.io/grpc/core/md_doc_statuscodes.html.
const GRPC_INVALID_ARGUMENT = 3;
const GRPC_PERMISSION_DENIED = 7;
const GRPC_UNIMPLEMENTED = 12;
const GRPC_UNAVAILABLE = 14;
const GRPC_UNAUTHENTICATED = 16;

const DOCUMENT = 'docs/operate/eventstoredb.md';

/** By the `type` of the client's errors: `instanceof` fails where the package is loaded twice. */
const ADVICE: Readonly<Record<string, string>> = {
  'access-denied': `access denied: check the user, the password and the access lists, see ${DOCUMENT}`,
  'maximum-append-size-exceeded': `the append is larger than the server allows: raise its MaxAppendSize, see ${DOCUMENT}`,
  'stream-deleted': 'the stream was tombstoned, and an event log keeps everything: restore the server from a backup',
  'deadline-exceeded': 'no answer in time',
};

/** The server, or the connection, did not say anything for too long. */
export class EventStoreDbSilent extends Error {
  override readonly name = 'EventStoreDbSilent';
}

/** `type` of the client's error; null for any other error, such as the plain one when nobody listens. */
export function failureType(error: unknown): string | null {
  const type = error instanceof Error && 'type' in error ? error.type : null;
  return typeof type === 'string' ? type : null;
}

/** Repeating cannot help before an operator has changed something; and nothing was written. */
export function isRefusal(error: unknown): boolean {
  const type = failureType(error);
  if (type === 'access-denied' || type === 'maximum-append-size-exceeded' || type === 'stream-deleted') return true;
  const codes = [GRPC_INVALID_ARGUMENT, GRPC_PERMISSION_DENIED, GRPC_UNIMPLEMENTED, GRPC_UNAUTHENTICATED];
  return codes.includes(codeOf(error));
}

/** True only where the request cannot have been carried out: what is not certain here is an unknown outcome. */
export function isCertainlyNotWritten(error: unknown): boolean {
  if (isRefusal(error) || failureType(error) === 'not-leader') return true;
  return NEVER_SENT.test(messageOf(error));
}

const NEVER_SENT = /No connection established|Name resolution failed|Failed to discover after/;

/** One sentence for the operator. The client's errors carry no request, so no password; nor does `server`, its URL. */
export function explain(error: unknown, server: string): string {
  const advice = ADVICE[failureType(error) ?? ''];
  if (advice !== undefined) return `EventStoreDB: ${advice}`;
  const message = messageOf(error).slice(0, MESSAGE_LENGTH_MAX);
  if (codeOf(error) === GRPC_UNAVAILABLE || NEVER_SENT.test(message)) {
    return `EventStoreDB: nothing answers at ${server}: ${UNAVAILABLE_ADVICE} (${message})`;
  }
  return `EventStoreDB: ${message === '' ? 'the connection failed' : message}`;
}

const MESSAGE_LENGTH_MAX = 300;
const UNAVAILABLE_ADVICE = `check that it runs, its name and port, tls, and the firewall between, see ${DOCUMENT}`;

/** What a read throws. No cause: what the client's errors hold may end up in a log whole. */
export const storeUnavailable = (error: unknown, server: string): StoreUnavailable | EventUnreadable =>
  error instanceof StoreUnavailable || error instanceof EventUnreadable
    ? error
    : new StoreUnavailable(explain(error, server));

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function codeOf(error: unknown): number {
  const code = error instanceof Error && 'code' in error ? error.code : -1;
  return typeof code === 'number' ? code : -1;
}
