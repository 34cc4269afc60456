import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LibvirtHost } from '../../../adapters/libvirt/libvirt-host.ts';
import { removeCopyNodes, saysNodesAreLeft } from '../../../adapters/libvirt/remove-copy-nodes.ts';
import { QEMU_DOMAIN_MONITOR_COMMAND } from '../../../adapters/libvirt/rpc/qemu-procedures.ts';
import { XdrReader } from '../../../adapters/libvirt/rpc/xdr.ts';
import { LibvirtProtocolServer, xdr } from '../../support/libvirt-protocol-server.ts';
import { optionsFor } from './libvirt-host-options.fixture.ts';

const DOMAIN = { name: 'instance-1', uuid: '11111111-1111-4111-8111-111111111111', id: 1 };
const PATIENCE_MS = 200;
const named = (...names: readonly string[]): object => ({ return: names.map((name) => ({ 'node-name': name })) });

describe('what a copy has left in the emulator', () => {
  let server: LibvirtProtocolServer;
  let host: LibvirtHost;
  let deleted: string[];
  let jobsOf: () => readonly object[];

  beforeEach(async () => {
    server = await LibvirtProtocolServer.start();
    host = hostWith(true);
    deleted = [];
    jobsOf = () => [];
    server.on(QEMU_DOMAIN_MONITOR_COMMAND, (call, peer) => {
      const { command } = QEMU_DOMAIN_MONITOR_COMMAND.args.decode(new XdrReader(call.payload));
      peer.reply(call, xdr(QEMU_DOMAIN_MONITOR_COMMAND.reply, JSON.stringify(answerTo(JSON.parse(command)))));
    });
  });

  afterEach(async () => {
    await host.connections.close();
    await server.stop();
  });

  function answerTo(command: {
    readonly execute: string;
    readonly arguments?: { readonly 'node-name'?: string };
  }): object {
    if (command.execute === 'query-block-jobs') return { return: jobsOf() };
    if (command.execute === 'blockdev-del') deleted.push(command.arguments?.['node-name'] ?? '');
    if (command.execute !== 'query-named-block-nodes') return { return: {} };
    return named(
      'libvirt-1-format',
      'migration-vda-storage',
      'migration-vda-format',
      'libvirt-1-storage',
      'my-migration-vda-format',
    );
  }

  it('is taken away from the top, and the guest keeps its own disks', async () => {
    expect(await removeCopyNodes(host, DOMAIN)).toEqual({ outcome: 'succeeded', value: null });
    expect(deleted).toEqual(['migration-vda-format', 'migration-vda-storage']);
  });

  it('waits for a job that is just being cancelled', async () => {
    let asked = 0;
    jobsOf = () => ((asked += 1) < 3 ? [{}] : []);
    expect(await removeCopyNodes(host, DOMAIN)).toMatchObject({ outcome: 'succeeded' });
    expect(deleted).toHaveLength(2);
  });

  it('stays while a job uses it', async () => {
    jobsOf = () => [{}];
    expect(await removeCopyNodes(host, DOMAIN, PATIENCE_MS)).toMatchObject({ outcome: 'failed' });
    expect(deleted).toEqual([]);
  });

  it('stays where the operator wants no monitor commands', async () => {
    await host.connections.close();
    host = hostWith(false);
    expect(await removeCopyNodes(host, DOMAIN)).toMatchObject({ outcome: 'failed' });
    expect(deleted).toEqual([]);
  });

  it('is recognised by what libvirt says of the next copy', () => {
    const said =
      "internal error: unable to execute QEMU command 'blockdev-add': Duplicate nodes with node-name='migration-vda-storage'";
    expect(saysNodesAreLeft(`Copying the guest: ${said}`)).toBe(true);
    expect(saysNodesAreLeft(said.replace('migration-vda', 'libvirt-1'))).toBe(false);
  });

  const hostWith = (mayUseMonitor: boolean) => new LibvirtHost(optionsFor(server.endpoint, mayUseMonitor));
});
