import { afterEach, beforeEach } from 'vitest';

import { LibvirtConnection } from '../../../adapters/libvirt/rpc/libvirt-connection.ts';
import { LibvirtProtocolServer } from '../../support/libvirt-protocol-server.ts';
import type { ConnectOptions } from '../../../adapters/libvirt/rpc/open-session.ts';
import type { ReceivedFrame } from '../../support/libvirt-protocol-server.ts';

export const OPTIONS = { connectDeadlineMs: 2_000, keepaliveIntervalMs: 60_000, keepaliveCountMax: 5 };
/** For calls that must not end by their deadline. */
export const LONG = { deadlineMs: 10_000 };

export interface ProtocolServerFixture {
  readonly server: () => LibvirtProtocolServer;
  readonly connected: (options?: Partial<ConnectOptions>) => Promise<LibvirtConnection>;
}

/** A fresh server for every test of the file, and connections to it that are cut afterwards. */
export function protocolServerFixture(): ProtocolServerFixture {
  let server: LibvirtProtocolServer;
  const open: LibvirtConnection[] = [];
  beforeEach(async () => {
    server = await LibvirtProtocolServer.start();
  });
  afterEach(async () => {
    for (const connection of open.splice(0)) connection.destroy('the test is over');
    await server.stop();
  });
  const connected = async (options: Partial<ConnectOptions> = {}): Promise<LibvirtConnection> => {
    const result = await LibvirtConnection.connect(server.endpoint, { ...OPTIONS, ...options });
    if (!result.ok) throw new Error(result.error.message);
    open.push(result.connection);
    return result.connection;
  };
  return { server: () => server, connected };
}

export function closeReasonOf(connection: LibvirtConnection): Promise<string> {
  return new Promise((resolve) => connection.onClosed(resolve));
}

export function isPong({ program, procedure }: ReceivedFrame): boolean {
  return program === 0x6b65_6570 && procedure === 2;
}
