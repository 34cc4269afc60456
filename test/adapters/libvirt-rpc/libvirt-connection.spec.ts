import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { DOMAIN_EVENT_KINDS } from '../../../adapters/libvirt/rpc/domain-events.ts';
import type { DomainEvents } from '../../../adapters/libvirt/rpc/domain-events.ts';
import { LibvirtConnection } from '../../../adapters/libvirt/rpc/libvirt-connection.ts';
import {
  AUTH_LIST,
  CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY,
  CONNECT_GET_HOSTNAME,
  CONNECT_GET_URI,
  CONNECT_OPEN,
  DOMAIN_LOOKUP_BY_NAME,
} from '../../../adapters/libvirt/rpc/procedures.ts';
import { REQUESTS_IN_FLIGHT_MAX, REQUESTS_QUEUED_MAX } from '../../../adapters/libvirt/rpc/request-slots.ts';
import { LibvirtProtocolServer, xdr } from '../../support/libvirt-protocol-server.ts';
import type { ProtocolPeer, ReceivedFrame } from '../../support/libvirt-protocol-server.ts';

const OPTIONS = { connectDeadlineMs: 2_000, keepaliveIntervalMs: 60_000, keepaliveCountMax: 5 };
const LONG = { deadlineMs: 5_000 };
const SHORT = { deadlineMs: 40 };
const HOSTNAME = CONNECT_GET_HOSTNAME.reply;

let server: LibvirtProtocolServer;
const open: LibvirtConnection[] = [];

beforeEach(async () => {
  server = await LibvirtProtocolServer.start();
});

afterEach(async () => {
  for (const connection of open.splice(0)) connection.destroy('the test is over');
  await server.stop();
});

async function connected(options: Partial<typeof OPTIONS> = {}): Promise<LibvirtConnection> {
  const result = await LibvirtConnection.connect(server.endpoint, { ...OPTIONS, ...options });
  if (!result.ok) throw new Error(result.error.message);
  open.push(result.connection);
  return result.connection;
}

const closeReason = (connection: LibvirtConnection): Promise<string> =>
  new Promise((resolve) => connection.onClosed(resolve));

describe('connecting', () => {
  it('greets in the order of the protocol', async () => {
    await connected();
    expect(server.frames.map(({ procedure }) => procedure)).toEqual([66, 1, 60]);
    expect(server.frames[1]?.payload.toString('hex')).toBe(
      xdr(CONNECT_OPEN.args, { uri: 'qemu:///system', flags: 0 }).toString('hex'),
    );
  });

  it('refuses a server that asks for authentication, before opening anything', async () => {
    server.on(AUTH_LIST, (call, peer) => peer.reply(call, xdr(AUTH_LIST.reply, [1, 2])));
    const result = await LibvirtConnection.connect(server.endpoint, OPTIONS);
    expect(result).toMatchObject({ ok: false, error: { kind: 'authenticationRequired' } });
    expect(server.frames.map(({ procedure }) => procedure)).toEqual([66]);
  });

  it('tells what the server said when it does not open the hypervisor', async () => {
    server.on(CONNECT_OPEN, (call, peer) => peer.replyError(call, 5, 'no qemu here'));
    const result = await LibvirtConnection.connect(server.endpoint, OPTIONS);
    expect(result).toMatchObject({ ok: false, error: { kind: 'refused', cause: { name: 'VIR_ERR_NO_CONNECT' } } });
  });

  it('gives up at the deadline when the server is silent', async () => {
    server.on(AUTH_LIST, () => {});
    const result = await LibvirtConnection.connect(server.endpoint, { ...OPTIONS, connectDeadlineMs: 40 });
    expect(result).toMatchObject({ ok: false, error: { kind: 'deadline' } });
  });

  it('gives up when it is told to', async () => {
    const controller = new AbortController();
    server.on(AUTH_LIST, () => controller.abort());
    const result = await LibvirtConnection.connect(server.endpoint, { ...OPTIONS, signal: controller.signal });
    expect(result).toMatchObject({ ok: false, error: { kind: 'aborted' } });
  });

  it('reports an endpoint where nobody listens', async () => {
    const endpoint = { kind: 'unix', path: `${server.endpoint.path}-missing` } as const;
    expect(await LibvirtConnection.connect(endpoint, OPTIONS)).toMatchObject({
      ok: false,
      error: { kind: 'unreachable' },
    });
  });
});

describe('the three outcomes of a call', () => {
  it('succeeds with the decoded reply', async () => {
    server.on(CONNECT_GET_HOSTNAME, (call, peer) => peer.reply(call, xdr(HOSTNAME, 'compute-1')));
    const connection = await connected();
    expect(await connection.call(CONNECT_GET_HOSTNAME, null, LONG)).toEqual({
      outcome: 'succeeded',
      value: 'compute-1',
    });
  });

  it('fails with every field of the error frame', async () => {
    server.on(DOMAIN_LOOKUP_BY_NAME, (call, peer) => peer.replyError(call, 42, 'no such guest'));
    const connection = await connected();
    expect(await connection.call(DOMAIN_LOOKUP_BY_NAME, { name: 'guest' }, LONG)).toEqual({
      outcome: 'failed',
      error: {
        kind: 'server',
        name: 'VIR_ERR_NO_DOMAIN',
        code: 42,
        domain: 10,
        level: 2,
        message: 'no such guest',
        str1: 'first',
        str2: null,
        str3: null,
        int1: -1,
        int2: 7,
      },
    });
  });

  it('is unknown when the server stays silent until the deadline', async () => {
    server.on(CONNECT_GET_HOSTNAME, () => {});
    const connection = await connected();
    expect(await connection.call(CONNECT_GET_HOSTNAME, null, SHORT)).toMatchObject({ outcome: 'unknown' });
    expect(connection.isOpen).toBe(true);
    expect(connection.abandonedCalls).toBe(1);
  });

  it('is unknown when the connection is cut after the request was sent', async () => {
    server.on(CONNECT_GET_HOSTNAME, (_call, peer) => peer.cut());
    const connection = await connected();
    expect(await connection.call(CONNECT_GET_HOSTNAME, null, LONG)).toMatchObject({ outcome: 'unknown' });
  });

  it('has certainly failed on a connection that was closed before', async () => {
    const connection = await connected();
    await connection.close();
    expect(await connection.call(CONNECT_GET_HOSTNAME, null, LONG)).toMatchObject({
      outcome: 'failed',
      error: { kind: 'notSent', name: 'CONNECTION_CLOSED' },
    });
  });

  it('has certainly failed when its arguments cannot be put on the wire', async () => {
    const connection = await connected();
    expect(await connection.call(DOMAIN_LOOKUP_BY_NAME, { name: 'a\0b' }, LONG)).toMatchObject({
      outcome: 'failed',
      error: { kind: 'notSent', name: 'ARGUMENTS_INVALID' },
    });
    expect(connection.isOpen).toBe(true);
  });

  it('drops the late reply of an abandoned call and frees its slot', async () => {
    const held: [ReceivedFrame, ProtocolPeer][] = [];
    server.on(CONNECT_GET_HOSTNAME, (call, peer) => void held.push([call, peer]));
    server.on(CONNECT_GET_URI, (call, peer) => peer.reply(call, xdr(HOSTNAME, 'qemu:///system')));
    const connection = await connected();
    await connection.call(CONNECT_GET_HOSTNAME, null, SHORT);
    for (const [call, peer] of held) peer.reply(call, xdr(HOSTNAME, 'too late'));
    expect(await connection.call(CONNECT_GET_URI, null, LONG)).toEqual({
      outcome: 'succeeded',
      value: 'qemu:///system',
    });
    expect(connection.abandonedCalls).toBe(0);
  });

  it('rejects a deadline that no timer can hold, because it would fire at once', async () => {
    const connection = await connected();
    await expect(connection.call(CONNECT_GET_HOSTNAME, null, { deadlineMs: 2 ** 31 })).rejects.toThrow(RangeError);
  });
});

describe('the server limit of five requests at a time', () => {
  it('keeps the sixth call back until a slot is free', async () => {
    const held: [ReceivedFrame, ProtocolPeer][] = [];
    server.on(CONNECT_GET_HOSTNAME, (call, peer) => void held.push([call, peer]));
    const connection = await connected();
    const calls = Array.from({ length: 8 }, () => connection.call(CONNECT_GET_HOSTNAME, null, LONG));
    const hostnameCalls = (): ReceivedFrame[] => server.frames.filter(({ procedure }) => procedure === 59);
    await server.received(() => hostnameCalls().length === REQUESTS_IN_FLIGHT_MAX);
    const [first, peer] = held[0] ?? [];
    peer?.ping();
    await server.received(({ program, procedure }) => program === 0x6b65_6570 && procedure === 2);
    expect(hostnameCalls()).toHaveLength(REQUESTS_IN_FLIGHT_MAX);
    server.on(CONNECT_GET_HOSTNAME, (call, from) => from.reply(call, xdr(HOSTNAME, 'x')));
    if (first !== undefined) for (const [call, from] of held) from.reply(call, xdr(HOSTNAME, 'x'));
    const outcomes = (await Promise.all(calls)).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(Array.from({ length: 8 }, () => 'succeeded'));
  });

  it('says that a call which never got a slot was not sent', async () => {
    server.on(CONNECT_GET_HOSTNAME, () => {});
    const connection = await connected();
    const calls = Array.from({ length: 6 }, () => connection.call(CONNECT_GET_HOSTNAME, null, SHORT));
    const results = await Promise.all(calls);
    expect(results.map(({ outcome }) => outcome)).toEqual([...Array.from({ length: 5 }, () => 'unknown'), 'failed']);
    expect(results[5]).toMatchObject({ error: { kind: 'notSent', name: 'DEADLINE_BEFORE_SENDING' } });
    expect(connection.abandonedCalls).toBe(REQUESTS_IN_FLIGHT_MAX);
  });

  it('refuses a call at once when too many wait', async () => {
    server.on(CONNECT_GET_HOSTNAME, () => {});
    const connection = await connected();
    const waiting = Array.from({ length: REQUESTS_IN_FLIGHT_MAX + REQUESTS_QUEUED_MAX }, () =>
      connection.call(CONNECT_GET_HOSTNAME, null, LONG),
    );
    expect(await connection.call(CONNECT_GET_HOSTNAME, null, LONG)).toMatchObject({
      outcome: 'failed',
      error: { kind: 'notSent', name: 'QUEUE_FULL' },
    });
    connection.destroy('enough');
    const outcomes = (await Promise.all(waiting)).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'unknown')).toHaveLength(REQUESTS_IN_FLIGHT_MAX);
    expect(outcomes.filter((outcome) => outcome === 'failed')).toHaveLength(REQUESTS_QUEUED_MAX);
  });
});

describe('a peer that breaks the protocol', () => {
  it.each([
    [
      'garbage',
      (_call: ReceivedFrame, peer: ProtocolPeer) => void peer.socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
    ],
    ['a frame of 4 GiB', (_call: ReceivedFrame, peer: ProtocolPeer) => void peer.socket.write(Buffer.alloc(28, 0xff))],
    ['a truncated structure', (call: ReceivedFrame, peer: ProtocolPeer) => peer.reply(call, Buffer.alloc(2))],
    ['bytes behind the structure', (call: ReceivedFrame, peer: ProtocolPeer) => peer.reply(call, Buffer.alloc(12))],
    [
      'the reply of another procedure',
      (call: ReceivedFrame, peer: ProtocolPeer) => peer.reply({ ...call, procedure: 1 }, Buffer.alloc(4)),
    ],
  ])('closes the connection with a reason on %s', async (_what, handler) => {
    server.on(CONNECT_GET_HOSTNAME, handler);
    const connection = await connected();
    const reason = closeReason(connection);
    expect(await connection.call(CONNECT_GET_HOSTNAME, null, LONG)).toMatchObject({ outcome: 'unknown' });
    expect(await reason).toMatch(/protocol violation|malformed/);
    expect(connection.isOpen).toBe(false);
  });
});

describe('keepalive', () => {
  it('answers a ping with a pong', async () => {
    server.on(CONNECT_GET_HOSTNAME, (_call, peer) => peer.ping());
    const connection = await connected();
    const call = connection.call(CONNECT_GET_HOSTNAME, null, LONG);
    const pong = await server.received(({ program, procedure }) => program === 0x6b65_6570 && procedure === 2);
    expect(pong).toMatchObject({ type: 2, serial: 0, status: 0 });
    connection.destroy('seen');
    await call;
  });

  it('notices a peer that answers nothing, without waiting for the deadline of the call', async () => {
    server.ignorePings();
    server.on(CONNECT_GET_HOSTNAME, () => {});
    const connection = await connected({ keepaliveIntervalMs: 20, keepaliveCountMax: 2 });
    const reason = closeReason(connection);
    expect(await connection.call(CONNECT_GET_HOSTNAME, null, LONG)).toMatchObject({ outcome: 'unknown' });
    expect(await reason).toBe('the peer answered no keepalive');
  });

  it('keeps a long call open while the peer answers', async () => {
    let held: (() => void) | null = null;
    server.on(CONNECT_GET_HOSTNAME, (call, peer) => {
      held = () => peer.reply(call, xdr(HOSTNAME, 'at last'));
    });
    const connection = await connected({ keepaliveIntervalMs: 10, keepaliveCountMax: 2 });
    const call = connection.call(CONNECT_GET_HOSTNAME, null, LONG);
    const pings = (): number => server.frames.filter(({ program }) => program === 0x6b65_6570).length;
    await server.received(() => pings() > 6);
    (held as (() => void) | null)?.();
    expect(await call).toEqual({ outcome: 'succeeded', value: 'at last' });
  });
});

describe('domain events', () => {
  const domain = { name: 'guest', uuid: '00112233-4455-6677-8899-aabbccddeeff', id: 3 };
  const event = { domain, event: 4, detail: 0 };
  const payload = Buffer.concat([Buffer.from('00000007', 'hex'), xdr(DOMAIN_EVENT_KINDS.lifecycle.codec, event)]);

  it('reach every listener, also when they follow the reply in the same packet', async () => {
    server.on(CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, (call, peer) => {
      peer.socket.cork();
      peer.reply(call, Buffer.from('00000007', 'hex'));
      peer.event(318, payload);
      peer.socket.uncork();
    });
    const connection = await connected();
    const seen: DomainEvents['lifecycle'][] = [];
    const listen = () => connection.onDomainEvent('lifecycle', (one) => void seen.push(one), LONG);
    await Promise.all([listen(), listen()]);
    expect(seen).toEqual([event, event]);
    const registrations = server.frames.filter(({ procedure }) => procedure === 316);
    expect(registrations.map((frame) => frame.payload.toString('hex'))).toEqual(['0000000000000000']);
  });

  it('reach nobody who has left', async () => {
    let peerOfServer: ProtocolPeer | null = null;
    server.on(CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, (call, peer) => {
      peerOfServer = peer;
      peer.reply(call, Buffer.from('00000007', 'hex'));
    });
    server.on(CONNECT_GET_HOSTNAME, (call, peer) => peer.reply(call, xdr(HOSTNAME, 'x')));
    const connection = await connected();
    const seen: DomainEvents['lifecycle'][] = [];
    const listening = await connection.onDomainEvent('lifecycle', (one) => void seen.push(one), LONG);
    if (listening.outcome === 'succeeded') listening.value();
    (peerOfServer as ProtocolPeer | null)?.event(318, payload);
    expect(await connection.call(CONNECT_GET_HOSTNAME, null, LONG)).toMatchObject({ outcome: 'succeeded' });
    expect(seen).toEqual([]);
  });

  it('close the connection when they are malformed', async () => {
    server.on(CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, (call, peer) => {
      peer.reply(call, Buffer.from('00000007', 'hex'));
      peer.event(318, payload.subarray(0, 20));
    });
    const connection = await connected();
    const reason = closeReason(connection);
    await connection.onDomainEvent('lifecycle', () => {}, LONG);
    expect(await reason).toMatch(/^malformed frame/);
  });
});
