import type { Socket } from 'node:net';

import type { CallOptions, CallResult } from './call-result.ts';
import { requireDeadline } from './call-result.ts';
import type { LibvirtError } from './errors.ts';
import type { KeepaliveOptions } from './keepalive.ts';
import { AUTH_LIST, CONNECT_OPEN, CONNECT_SUPPORTS_FEATURE } from './procedures.ts';
import type { Procedure } from './procedures.ts';
import { openTransport } from './transport.ts';
import type { LibvirtEndpoint, TransportError } from './transport.ts';

const AUTH_NONE = 0;
/** VIR_DRV_FEATURE_PROGRAM_KEEPALIVE; asking for it turns the server's own pings on. */
const FEATURE_KEEPALIVE = 10;
const DEFAULT_URI = 'qemu:///system';

export interface ConnectOptions {
  /** For everything up to the opened hypervisor connection. */
  readonly connectDeadlineMs: number;
  readonly keepaliveIntervalMs: number;
  /** Silent intervals until the peer counts as dead. */
  readonly keepaliveCountMax: number;
  /** The hypervisor as the server sees it; `qemu:///system` unless given. */
  readonly uri?: string;
  readonly signal?: AbortSignal;
  /** Asked in the moment in which a call is written; false cuts the connection instead. Default: always. */
  readonly mayAct?: () => boolean;
}

export interface ConnectError {
  readonly kind: TransportError['kind'] | 'authenticationRequired' | 'refused' | 'lost';
  readonly message: string;
  /** What the server said, for kind `refused`. */
  readonly cause: LibvirtError | null;
}

export type ConnectResult<Connection> =
  { readonly ok: true; readonly connection: Connection } | { readonly ok: false; readonly error: ConnectError };

/** What opening a session needs of a connection that exists but was not introduced yet. */
interface Session {
  readonly call: <Args, Reply>(
    procedure: Procedure<Args, Reply>,
    args: Args,
    options: CallOptions,
  ) => Promise<CallResult<Reply>>;
  readonly isOpen: boolean;
  readonly startKeepalive: (options: KeepaliveOptions) => void;
  readonly destroy: (reason: string) => void;
}

/** The order is the protocol's: transport, authentication, hypervisor connection, features. Called by LibvirtConnection.connect. */
export async function openSession<Connection extends Session>(
  endpoint: LibvirtEndpoint,
  options: ConnectOptions,
  connectionOver: (socket: Socket) => Connection,
): Promise<ConnectResult<Connection>> {
  requireDeadline(options.connectDeadlineMs);
  requireDeadline(options.keepaliveIntervalMs);
  const deadline = AbortSignal.timeout(Math.ceil(options.connectDeadlineMs));
  const signal = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]);
  const startedAt = performance.now();
  const transport = await openTransport(endpoint, signal);
  if (!transport.ok) return { ok: false, error: { ...transport.error, cause: null } };
  const connection = connectionOver(transport.socket);
  const onAbort = (): void => connection.destroy('the attempt to connect was aborted or took too long');
  signal.addEventListener('abort', onAbort);
  const deadlineMs = Math.max(1, options.connectDeadlineMs - (performance.now() - startedAt));
  const error = await greet(connection, options, deadlineMs);
  signal.removeEventListener('abort', onAbort);
  if (error === null) return { ok: true, connection };
  // A greeting that went unanswered on a connection that still stands has run out of its own share of the deadline.
  const late = deadline.aborted || (error.kind === 'lost' && connection.isOpen);
  connection.destroy(error.message);
  if (options.signal?.aborted === true) return { ok: false, error: { ...error, kind: 'aborted' } };
  return { ok: false, error: late ? { ...error, kind: 'deadline' } : error };
}

async function greet(connection: Session, options: ConnectOptions, deadlineMs: number): Promise<ConnectError | null> {
  const call = { deadlineMs };
  const authentication = await connection.call(AUTH_LIST, null, call);
  if (authentication.outcome !== 'succeeded') return connectError('AUTH_LIST', authentication);
  if (!authentication.value.includes(AUTH_NONE)) {
    const message = `the server asks for authentication (types ${authentication.value.join(', ')})`;
    return { kind: 'authenticationRequired', message, cause: null };
  }
  const opened = await connection.call(CONNECT_OPEN, { uri: options.uri ?? DEFAULT_URI, flags: 0 }, call);
  if (opened.outcome !== 'succeeded') return connectError('CONNECT_OPEN', opened);
  const keepalive = await connection.call(CONNECT_SUPPORTS_FEATURE, { feature: FEATURE_KEEPALIVE }, call);
  if (keepalive.outcome !== 'succeeded') return connectError('CONNECT_SUPPORTS_FEATURE', keepalive);
  if (keepalive.value) {
    connection.startKeepalive({ intervalMs: options.keepaliveIntervalMs, countMax: options.keepaliveCountMax });
  }
  return null;
}

function connectError(step: string, result: Exclude<CallResult<unknown>, { outcome: 'succeeded' }>): ConnectError {
  if (result.outcome === 'unknown') return { kind: 'lost', message: `${step}: ${result.reason}`, cause: null };
  return { kind: 'refused', message: `${step}: ${result.error.message}`, cause: result.error };
}
