import { describe, expect, it } from 'vitest';

import { DOMAIN_EVENT_KINDS } from '../../../adapters/libvirt/rpc/domain-events.ts';
import type { DomainEvents } from '../../../adapters/libvirt/rpc/domain-events.ts';
import {
  CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY,
  CONNECT_GET_HOSTNAME,
} from '../../../adapters/libvirt/rpc/procedures.ts';
import { xdr } from '../../support/libvirt-protocol-server.ts';
import type { ProtocolPeer } from '../../support/libvirt-protocol-server.ts';
import { closeReasonOf, LONG, protocolServerFixture } from './protocol-server-fixture.ts';

const HOSTNAME = CONNECT_GET_HOSTNAME.reply;

const { server, connected } = protocolServerFixture();

describe('domain events', () => {
  const domain = { name: 'guest', uuid: '00112233-4455-6677-8899-aabbccddeeff', id: 3 };
  const event = { domain, event: 4, detail: 0 };
  const payload = Buffer.concat([Buffer.from('00000007', 'hex'), xdr(DOMAIN_EVENT_KINDS.lifecycle.codec, event)]);

  it('reach every listener, also when they follow the reply in the same packet', async () => {
    server().on(CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, (call, peer) => {
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
    const registrations = server().frames.filter(({ procedure }) => procedure === 316);
    expect(registrations.map((frame) => frame.payload.toString('hex'))).toEqual(['0000000000000000']);
  });

  it('reach nobody who has left', async () => {
    let peerOfServer: ProtocolPeer | null = null;
    server().on(CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, (call, peer) => {
      peerOfServer = peer;
      peer.reply(call, Buffer.from('00000007', 'hex'));
    });
    server().on(CONNECT_GET_HOSTNAME, (call, peer) => peer.reply(call, xdr(HOSTNAME, 'x')));
    const connection = await connected();
    const seen: DomainEvents['lifecycle'][] = [];
    const listening = await connection.onDomainEvent('lifecycle', (one) => void seen.push(one), LONG);
    if (listening.outcome === 'succeeded') listening.value();
    (peerOfServer as ProtocolPeer | null)?.event(318, payload);
    expect(await connection.call(CONNECT_GET_HOSTNAME, null, LONG)).toMatchObject({ outcome: 'succeeded' });
    expect(seen).toEqual([]);
  });

  it('close the connection when they are malformed', async () => {
    server().on(CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, (call, peer) => {
      peer.reply(call, Buffer.from('00000007', 'hex'));
      peer.event(318, payload.subarray(0, 20));
    });
    const connection = await connected();
    const reason = closeReasonOf(connection);
    await connection.onDomainEvent('lifecycle', () => {}, LONG);
    expect(await reason).toMatch(/^malformed frame/);
  });
});
