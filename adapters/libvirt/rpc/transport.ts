import { connect as connectPlain } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Where a libvirt daemon listens. PEM texts for TLS; `serverName` is checked against the certificate instead of `host`. */
export type LibvirtEndpoint =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | {
      readonly kind: 'tls';
      readonly host: string;
      readonly port: number;
      readonly ca: string | Buffer;
      readonly cert: string | Buffer;
      readonly key: string | Buffer;
      readonly serverName?: string;
    };

/** Why a socket could not be opened. */
export interface TransportError {
  readonly kind: 'unreachable' | 'tlsRefused' | 'deadline' | 'aborted';
  readonly message: string;
}

export type TransportResult =
  { readonly ok: true; readonly socket: Socket } | { readonly ok: false; readonly error: TransportError };

/** After the handshake the server sends one byte that says that it accepted the client's certificate. */
const TLS_ACCEPTED = 1;

/** Opens a socket that is ready for the first frame, or tells why not when `signal` ends the attempt or the peer refuses. */
export function openTransport(endpoint: LibvirtEndpoint, signal: AbortSignal): Promise<TransportResult> {
  if (signal.aborted) return Promise.resolve({ ok: false, error: abortError(signal) });
  const { promise, resolve } = Promise.withResolvers<TransportResult>();
  let socket: Socket;
  try {
    socket = connectTo(endpoint);
  } catch (error) {
    // Unreadable certificates and impossible ports are thrown before there is a socket.
    return Promise.resolve({ ok: false, error: { kind: 'unreachable', message: messageOf(error) } });
  }
  const settle = (result: TransportResult): void => {
    signal.removeEventListener('abort', onAbort);
    socket.removeListener('close', onClose);
    socket.removeAllListeners('data');
    if (!result.ok) socket.destroy();
    resolve(result);
  };
  let reached = false;
  let lastError = 'the peer closed the connection';
  const onAbort = (): void => settle({ ok: false, error: abortError(signal) });
  const onClose = (): void =>
    settle({
      ok: false,
      error: { kind: reached && endpoint.kind === 'tls' ? 'tlsRefused' : 'unreachable', message: lastError },
    });
  signal.addEventListener('abort', onAbort);
  // Stays for the life of the socket: an 'error' nobody listens to would end the process; 'close' follows it.
  socket.on('error', (error) => {
    lastError = error.message;
  });
  socket.on('close', onClose);
  socket.once('connect', () => {
    reached = true;
    if (endpoint.kind !== 'tls') settle({ ok: true, socket });
  });
  if (endpoint.kind === 'tls') awaitAcceptance(socket, settle);
  return promise;
}

function connectTo(endpoint: LibvirtEndpoint): Socket {
  if (endpoint.kind === 'unix') return connectPlain({ path: endpoint.path });
  const { host, port } = endpoint;
  if (endpoint.kind === 'tcp') return connectPlain({ host, port, noDelay: true });
  const { ca, cert, key, serverName } = endpoint;
  const socket = connectTls({
    host,
    port,
    ca,
    cert,
    key,
    ...(serverName === undefined ? {} : { servername: serverName }),
  });
  socket.setNoDelay(true);
  return socket;
}

function awaitAcceptance(socket: Socket, settle: (result: TransportResult) => void): void {
  socket.once('data', (bytes: Buffer) => {
    socket.pause();
    if (bytes[0] !== TLS_ACCEPTED) {
      settle({ ok: false, error: { kind: 'tlsRefused', message: 'the server did not accept the certificate' } });
      return;
    }
    if (bytes.length > 1) socket.unshift(bytes.subarray(1));
    settle({ ok: true, socket });
  });
}

function abortError(signal: AbortSignal): TransportError {
  const timedOut = signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError';
  return timedOut
    ? { kind: 'deadline', message: 'the connection was not established before the deadline' }
    : { kind: 'aborted', message: 'the attempt to connect was aborted' };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
