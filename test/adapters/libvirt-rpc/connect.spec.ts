import { describe, expect, it } from 'vitest';

import { LibvirtConnection } from '../../../adapters/libvirt/rpc/libvirt-connection.ts';
import { AUTH_LIST, CONNECT_OPEN } from '../../../adapters/libvirt/rpc/procedures.ts';
import { xdr } from '../../support/libvirt-protocol-server.ts';
import { OPTIONS, protocolServerFixture } from './protocol-server-fixture.ts';

const { server, connected } = protocolServerFixture();

describe('connecting', () => {
  it('greets in the order of the protocol', async () => {
    await connected();
    expect(server().frames.map(({ procedure }) => procedure)).toEqual([66, 1, 60]);
    expect(server().frames[1]?.payload.toString('hex')).toBe(
      xdr(CONNECT_OPEN.args, { uri: 'qemu:///system', flags: 0 }).toString('hex'),
    );
  });

  it('refuses a server that asks for authentication, before opening anything', async () => {
    server().on(AUTH_LIST, (call, peer) => peer.reply(call, xdr(AUTH_LIST.reply, [1, 2])));
    const result = await LibvirtConnection.connect(server().endpoint, OPTIONS);
    expect(result).toMatchObject({ ok: false, error: { kind: 'authenticationRequired' } });
    expect(server().frames.map(({ procedure }) => procedure)).toEqual([66]);
  });

  it('tells what the server said when it does not open the hypervisor', async () => {
    server().on(CONNECT_OPEN, (call, peer) => peer.replyError(call, 5, 'no qemu here'));
    const result = await LibvirtConnection.connect(server().endpoint, OPTIONS);
    expect(result).toMatchObject({ ok: false, error: { kind: 'refused', cause: { name: 'VIR_ERR_NO_CONNECT' } } });
  });

  it('gives up at the deadline when the server is silent', async () => {
    server().on(AUTH_LIST, () => {});
    const result = await LibvirtConnection.connect(server().endpoint, { ...OPTIONS, connectDeadlineMs: 40 });
    expect(result).toMatchObject({ ok: false, error: { kind: 'deadline' } });
  });

  it('gives up when it is told to', async () => {
    const controller = new AbortController();
    server().on(AUTH_LIST, () => controller.abort());
    const result = await LibvirtConnection.connect(server().endpoint, { ...OPTIONS, signal: controller.signal });
    expect(result).toMatchObject({ ok: false, error: { kind: 'aborted' } });
  });

  it('reports an endpoint where nobody listens', async () => {
    const endpoint = { kind: 'unix', path: `${server().endpoint.path}-missing` } as const;
    expect(await LibvirtConnection.connect(endpoint, OPTIONS)).toMatchObject({
      ok: false,
      error: { kind: 'unreachable' },
    });
  });
});
