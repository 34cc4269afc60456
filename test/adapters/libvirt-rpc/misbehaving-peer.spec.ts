import { describe, expect, it } from 'vitest';

import { CONNECT_GET_HOSTNAME, CONNECT_GET_URI } from '../../../adapters/libvirt/rpc/procedures.ts';
import { xdr } from '../../support/libvirt-protocol-server.ts';
import type { ProtocolPeer, ReceivedFrame } from '../../support/libvirt-protocol-server.ts';
import { closeReasonOf, isPong, LONG, protocolServerFixture } from './protocol-server-fixture.ts';

const HOSTNAME = CONNECT_GET_HOSTNAME.reply;

const { server, connected } = protocolServerFixture();

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
    [
      'the reply of another program',
      (call: ReceivedFrame, peer: ProtocolPeer) => peer.reply({ ...call, program: 0x2000_8087 }, xdr(HOSTNAME, 'a')),
    ],
  ])('closes the connection with a reason on %s', async (_what, handler) => {
    server().on(CONNECT_GET_HOSTNAME, handler);
    const connection = await connected();
    const reason = closeReasonOf(connection);
    expect(await connection.call(CONNECT_GET_HOSTNAME, null, LONG)).toMatchObject({ outcome: 'unknown' });
    expect(await reason).toMatch(/protocol violation|malformed/);
    expect(connection.isOpen).toBe(false);
  });
});

describe('keepalive', () => {
  it('answers a ping with a pong', async () => {
    server().on(CONNECT_GET_HOSTNAME, (_call, peer) => peer.ping());
    const connection = await connected();
    const call = connection.call(CONNECT_GET_HOSTNAME, null, LONG);
    const pong = await server().received(isPong);
    expect(pong).toMatchObject({ type: 2, serial: 0, status: 0 });
    connection.destroy('seen');
    await call;
  });

  it('stops answering a peer that pings without reading, instead of keeping its answers', async () => {
    const pings = 200_000;
    server().on(CONNECT_GET_HOSTNAME, (call, peer) => {
      peer.socket.pause();
      const ping = Buffer.from('0000001c6b6565700000000100000001000000020000000000000000', 'hex');
      peer.socket.write(Buffer.concat(Array.from({ length: pings }, () => ping)), () => {
        peer.reply(call, xdr(HOSTNAME, 'done'));
      });
    });
    server().on(CONNECT_GET_URI, (call, peer) => peer.reply(call, xdr(HOSTNAME, 'qemu:///system')));
    const connection = await connected();
    await connection.call(CONNECT_GET_HOSTNAME, null, LONG);
    const answered = connection.call(CONNECT_GET_URI, null, LONG);
    server().resumeReading();
    await answered;
    const pongs = server().frames.filter(isPong).length;
    expect(pongs).toBeGreaterThan(0);
    expect(pongs).toBeLessThan(pings * 0.75);
  });

  it('notices a peer that answers nothing, without waiting for the deadline of the call', async () => {
    server().ignorePings();
    server().on(CONNECT_GET_HOSTNAME, () => {});
    const connection = await connected({ keepaliveIntervalMs: 20, keepaliveCountMax: 2 });
    const reason = closeReasonOf(connection);
    expect(await connection.call(CONNECT_GET_HOSTNAME, null, LONG)).toMatchObject({ outcome: 'unknown' });
    expect(await reason).toBe('the peer answered no keepalive');
  });

  it('keeps a long call open while the peer answers', async () => {
    let held: (() => void) | null = null;
    server().on(CONNECT_GET_HOSTNAME, (call, peer) => {
      held = () => peer.reply(call, xdr(HOSTNAME, 'at last'));
    });
    const connection = await connected({ keepaliveIntervalMs: 10, keepaliveCountMax: 2 });
    const call = connection.call(CONNECT_GET_HOSTNAME, null, LONG);
    const pings = (): number => server().frames.filter(({ program }) => program === 0x6b65_6570).length;
    await server().received(() => pings() > 6);
    (held as (() => void) | null)?.();
    expect(await call).toEqual({ outcome: 'succeeded', value: 'at last' });
  });
});
