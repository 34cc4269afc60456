import { LibvirtConnection } from './rpc/libvirt-connection.ts';
import type { CallResult } from './rpc/call-result.ts';
import type { Procedure } from './rpc/procedures.ts';
import { REQUESTS_IN_FLIGHT_MAX } from './rpc/request-slots.ts';
import {
  CALL_DEADLINE_MS,
  CONNECT_DEADLINE_MS,
  KEEPALIVE_COUNT_MAX,
  KEEPALIVE_INTERVAL_MS,
  type LibvirtHostOptions,
} from './libvirt-host-options.ts';

/** What a connection is used for; a bulk transfer or a long call must not hold up a question. */
type Purpose = 'control' | 'transfer';

/**
 * The connections to one host's libvirt daemon: one for short calls, one for file transfers, and one of its own for
 * each migration. Opened when needed and again after they broke; never shared between purposes, because a connection
 * carries five requests at a time and a stream takes all of its bandwidth.
 */
export class LibvirtConnections {
  readonly #options: LibvirtHostOptions;
  readonly #open = new Map<Purpose, Promise<CallResult<LibvirtConnection>>>();
  readonly #dedicated = new Set<LibvirtConnection>();
  #closed = false;

  constructor(options: LibvirtHostOptions) {
    this.#options = options;
  }

  async call<Args, Reply>(
    procedure: Procedure<Args, Reply>,
    args: Args,
    deadlineMs: number = CALL_DEADLINE_MS,
  ): Promise<CallResult<Reply>> {
    const connected = await this.shared('control');
    return connected.outcome === 'succeeded' ? connected.value.call(procedure, args, { deadlineMs }) : connected;
  }

  async shared(purpose: Purpose): Promise<CallResult<LibvirtConnection>> {
    const present = this.#open.get(purpose);
    if (present !== undefined) {
      const connected = await present;
      if (connected.outcome === 'succeeded' && isUsable(connected.value)) return connected;
      if (this.#open.get(purpose) === present) this.#open.delete(purpose);
    }
    // Whoever comes first opens; those who wait share the result.
    const opening = this.#open.get(purpose) ?? this.#connect();
    this.#open.set(purpose, opening);
    return opening;
  }

  /** A connection for one migration; the daemon ends what was begun on it when it closes. The caller closes it. */
  async dedicated(): Promise<CallResult<LibvirtConnection>> {
    const connected = await this.#connect();
    if (connected.outcome === 'succeeded') {
      const connection = connected.value;
      this.#dedicated.add(connection);
      connection.onClosed(() => this.#dedicated.delete(connection));
    }
    return connected;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const shared = await Promise.all(this.#open.values());
    const open = shared.flatMap((connected) => (connected.outcome === 'succeeded' ? [connected.value] : []));
    await Promise.all([...open, ...this.#dedicated].map((connection) => connection.close()));
  }

  async #connect(): Promise<CallResult<LibvirtConnection>> {
    if (this.#closed) return notConnected('this process is shutting down');
    const { endpoint, host, mayAct = () => true } = this.#options;
    const connected = await LibvirtConnection.connect(endpoint, {
      connectDeadlineMs: CONNECT_DEADLINE_MS,
      keepaliveIntervalMs: KEEPALIVE_INTERVAL_MS,
      keepaliveCountMax: KEEPALIVE_COUNT_MAX,
      mayAct,
    });
    if (connected.ok) return { outcome: 'succeeded', value: connected.connection };
    const place = endpoint.kind === 'unix' ? endpoint.path : `${endpoint.host}:${endpoint.port}`;
    return notConnected(
      `libvirt of ${host} cannot be reached at ${place}: ${connected.error.message}. ` +
        `Check that libvirtd runs there and that this process may open the socket.`,
    );
  }
}

/** Cuts a connection whose every request slot waits for a reply that is long overdue: nothing could be asked on it. */
function isUsable(connection: LibvirtConnection): boolean {
  if (connection.abandonedCalls >= REQUESTS_IN_FLIGHT_MAX) connection.destroy('no request is answered any more');
  return connection.isOpen;
}

function notConnected(message: string): CallResult<never> {
  return { outcome: 'failed', error: { kind: 'notSent', name: 'CONNECTION_CLOSED', message } };
}
