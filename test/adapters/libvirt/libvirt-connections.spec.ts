import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LibvirtConnections } from '../../../adapters/libvirt/libvirt-connections.ts';
import { CONNECT_GET_HOSTNAME } from '../../../adapters/libvirt/rpc/procedures.ts';
import { REQUESTS_IN_FLIGHT_MAX } from '../../../adapters/libvirt/rpc/request-slots.ts';
import { LibvirtProtocolServer, xdr, type ReceivedFrame } from '../../support/libvirt-protocol-server.ts';
import { optionsFor } from './libvirt-host-options.fixture.ts';

const SHORT_MS = 100;

describe('the connections to one host', () => {
  let server: LibvirtProtocolServer;
  let connections: LibvirtConnections;

  beforeEach(async () => {
    server = await LibvirtProtocolServer.start();
    connections = new LibvirtConnections(optionsFor(server.endpoint));
  });

  afterEach(async () => {
    await connections.close();
    await server.stop();
  });

  const ask = (deadlineMs?: number) => connections.call(CONNECT_GET_HOSTNAME, null, deadlineMs);
  const answering = () =>
    server.on(CONNECT_GET_HOSTNAME, (call, peer) => peer.reply(call, xdr(CONNECT_GET_HOSTNAME.reply, 'compute-a')));
  const silent = () => server.on(CONNECT_GET_HOSTNAME, () => {});
  const opened = () => server.frames.filter(({ procedure }: ReceivedFrame) => procedure === 1).length;

  it('are opened once, and used again', async () => {
    answering();
    await Promise.all([ask(), ask()]);
    expect(await ask()).toEqual({ outcome: 'succeeded', value: 'compute-a' });
    expect(opened()).toBe(1);
  });

  it('are opened anew after the daemon has closed them, without being told', async () => {
    server.on(CONNECT_GET_HOSTNAME, (_call, peer) => peer.cut());
    expect(await ask()).toMatchObject({ outcome: 'unknown' });
    answering();
    expect(await ask()).toMatchObject({ outcome: 'succeeded' });
    expect(opened()).toBe(2);
  });

  it('are cut and opened anew when every slot waits for a reply that was given up', async () => {
    silent();
    const given = await Promise.all(Array.from({ length: REQUESTS_IN_FLIGHT_MAX }, () => ask(SHORT_MS)));
    for (const answer of given) expect(answer).toMatchObject({ outcome: 'unknown' });
    expect(opened()).toBe(1);
    answering();
    expect(await ask()).toMatchObject({ outcome: 'succeeded' });
    expect(opened()).toBe(2);
  });

  it('keep a connection that still has a slot for a question', async () => {
    silent();
    await Promise.all(Array.from({ length: REQUESTS_IN_FLIGHT_MAX - 1 }, () => ask(SHORT_MS)));
    answering();
    expect(await ask()).toMatchObject({ outcome: 'succeeded' });
    expect(opened()).toBe(1);
  });

  it('do not let a question wait behind those that were given up meanwhile', async () => {
    answering();
    await ask();
    silent();
    const given = Array.from({ length: REQUESTS_IN_FLIGHT_MAX }, () => ask(SHORT_MS));
    // Asked before the others were given up, so it waits for a slot that never comes free.
    const waiting = ask();
    await Promise.all(given);
    answering();
    expect(await ask()).toMatchObject({ outcome: 'succeeded' });
    expect(await waiting).toMatchObject({ outcome: 'failed', error: { name: 'CONNECTION_CLOSED' } });
  });
});
