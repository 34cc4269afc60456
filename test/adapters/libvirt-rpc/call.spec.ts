import { describe, expect, it } from 'vitest';

import {
  CONNECT_GET_HOSTNAME,
  CONNECT_GET_URI,
  DOMAIN_LOOKUP_BY_NAME,
} from '../../../adapters/libvirt/rpc/procedures.ts';
import { REQUESTS_IN_FLIGHT_MAX, REQUESTS_QUEUED_MAX } from '../../../adapters/libvirt/rpc/request-slots.ts';
import { xdr } from '../../support/libvirt-protocol-server.ts';
import type { ProtocolPeer, ReceivedFrame } from '../../support/libvirt-protocol-server.ts';
import { isPong, LONG, protocolServerFixture } from './protocol-server-fixture.ts';

const SHORT = { deadlineMs: 40 };
const HOSTNAME = CONNECT_GET_HOSTNAME.reply;

const { server, connected } = protocolServerFixture();

describe('the three outcomes of a call', () => {
  it('succeeds with the decoded reply', async () => {
    server().on(CONNECT_GET_HOSTNAME, (call, peer) => peer.reply(call, xdr(HOSTNAME, 'compute-1')));
    const connection = await connected();
    expect(await connection.call(CONNECT_GET_HOSTNAME, null, LONG)).toEqual({
      outcome: 'succeeded',
      value: 'compute-1',
    });
  });

  it('sends nothing once this process may have lost its work, and cuts the connection', async () => {
    server().on(CONNECT_GET_HOSTNAME, (call, peer) => peer.reply(call, xdr(HOSTNAME, 'compute-1')));
    let calls = 0;
    server().on(DOMAIN_LOOKUP_BY_NAME, () => (calls += 1));
    let mayAct = true;
    const connection = await connected({ mayAct: () => mayAct });
    expect((await connection.call(CONNECT_GET_HOSTNAME, null, LONG)).outcome).toBe('succeeded');
    mayAct = false;
    expect((await connection.call(DOMAIN_LOOKUP_BY_NAME, { name: 'guest' }, LONG)).outcome).not.toBe('succeeded');
    expect([connection.isOpen, calls]).toEqual([false, 0]);
  });

  it('fails with every field of the error frame', async () => {
    server().on(DOMAIN_LOOKUP_BY_NAME, (call, peer) => peer.replyError(call, 42, 'no such guest'));
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
    server().on(CONNECT_GET_HOSTNAME, () => {});
    const connection = await connected();
    expect(await connection.call(CONNECT_GET_HOSTNAME, null, SHORT)).toMatchObject({ outcome: 'unknown' });
    expect(connection.isOpen).toBe(true);
    expect(connection.abandonedCalls).toBe(1);
  });

  it('is unknown when the connection is cut after the request was sent', async () => {
    server().on(CONNECT_GET_HOSTNAME, (_call, peer) => peer.cut());
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
    server().on(CONNECT_GET_HOSTNAME, (call, peer) => void held.push([call, peer]));
    server().on(CONNECT_GET_URI, (call, peer) => peer.reply(call, xdr(HOSTNAME, 'qemu:///system')));
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
    server().on(CONNECT_GET_HOSTNAME, (call, peer) => void held.push([call, peer]));
    const connection = await connected();
    const calls = Array.from({ length: 8 }, () => connection.call(CONNECT_GET_HOSTNAME, null, LONG));
    const hostnameCalls = (): ReceivedFrame[] => server().frames.filter(({ procedure }) => procedure === 59);
    await server().received(() => hostnameCalls().length === REQUESTS_IN_FLIGHT_MAX);
    const [first, peer] = held[0] ?? [];
    peer?.ping();
    await server().received(isPong);
    expect(hostnameCalls()).toHaveLength(REQUESTS_IN_FLIGHT_MAX);
    server().on(CONNECT_GET_HOSTNAME, (call, from) => from.reply(call, xdr(HOSTNAME, 'x')));
    if (first !== undefined) for (const [call, from] of held) from.reply(call, xdr(HOSTNAME, 'x'));
    const outcomes = (await Promise.all(calls)).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(Array.from({ length: 8 }, () => 'succeeded'));
  });

  it('says that a call which never got a slot was not sent', async () => {
    server().on(CONNECT_GET_HOSTNAME, () => {});
    const connection = await connected();
    const calls = Array.from({ length: 6 }, () => connection.call(CONNECT_GET_HOSTNAME, null, SHORT));
    const results = await Promise.all(calls);
    expect(results.map(({ outcome }) => outcome)).toEqual([...Array.from({ length: 5 }, () => 'unknown'), 'failed']);
    expect(results[5]).toMatchObject({ error: { kind: 'notSent', name: 'DEADLINE_BEFORE_SENDING' } });
    expect(connection.abandonedCalls).toBe(REQUESTS_IN_FLIGHT_MAX);
  });

  it('refuses a call at once when too many wait', async () => {
    server().on(CONNECT_GET_HOSTNAME, () => {});
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
