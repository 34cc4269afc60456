import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { breakSilentCopy } from '../../../adapters/libvirt/break-silent-copy.ts';
import { LibvirtHost } from '../../../adapters/libvirt/libvirt-host.ts';
import { DOMAIN_GET_JOB_STATS } from '../../../adapters/libvirt/rpc/procedures.ts';
import { QEMU_DOMAIN_MONITOR_COMMAND } from '../../../adapters/libvirt/rpc/qemu-procedures.ts';
import { XdrReader } from '../../../adapters/libvirt/rpc/xdr.ts';
import { LibvirtProtocolServer, xdr } from '../../support/libvirt-protocol-server.ts';
import { optionsFor } from './libvirt-host-options.fixture.ts';

const SILENT_MS = 250;
/** For copies that are seen to move or to end before. */
const LONG_MS = 10_000;
const DOMAIN = { name: 'instance-1', uuid: '11111111-1111-4111-8111-111111111111', id: 1 };
const COPIES = ['migration-vda-storage', 'migration-vdb-storage'];
const EVERY_INSTANCE = [
  { type: 'chardev', id: 'charmonitor' },
  ...COPIES.map((node) => ({ type: 'block-node', 'node-name': node })),
  // A disk of the guest that itself lives on a network block device: the guest could not run on without it.
  { type: 'block-node', 'node-name': 'libvirt-1-storage' },
  { type: 'migration' },
];

describe('a copy that is to be aborted', () => {
  let server: LibvirtProtocolServer;
  let host: LibvirtHost;
  let commands: unknown[];

  beforeEach(async () => {
    server = await LibvirtProtocolServer.start();
    commands = [];
    host = hostWith(true);
  });

  afterEach(async () => {
    await host.connections.close();
    await server.stop();
  });

  it('loses its connections to the disks when no byte passes, and nothing else does', async () => {
    copies([7n]);
    emulator({ 'query-yank': { return: EVERY_INSTANCE }, yank: { return: {} } });
    expect(await breakSilentCopy(host, DOMAIN, SILENT_MS)).toEqual({ outcome: 'succeeded', value: 'broken' });
    const instances = COPIES.map((node) => ({ type: 'block-node', 'node-name': node }));
    expect(commands).toEqual([{ execute: 'query-yank' }, { execute: 'yank', arguments: { instances } }]);
  });

  it('is left alone while bytes pass, so that libvirt ends it as usual', async () => {
    copies([7n, 7n, 8n]);
    emulator({});
    expect(await breakSilentCopy(host, DOMAIN, LONG_MS)).toEqual({ outcome: 'succeeded', value: 'alive' });
    expect(commands).toEqual([]);
  });

  it('is left alone when it has ended meanwhile', async () => {
    copies([7n, null]);
    emulator({});
    expect(await breakSilentCopy(host, DOMAIN, LONG_MS)).toEqual({ outcome: 'succeeded', value: 'none' });
    expect(commands).toEqual([]);
  });

  it('keeps its memory connection when it copies no disks, or has gone over to post-copy', async () => {
    copies([7n]);
    emulator({ 'query-yank': { return: [{ type: 'chardev', id: 'charmonitor' }, { type: 'migration' }] } });
    expect(await breakSilentCopy(host, DOMAIN, SILENT_MS)).toEqual({ outcome: 'succeeded', value: 'none' });
    expect(commands).toEqual([{ execute: 'query-yank' }]);
  });

  it.each([
    ['an emulator that knows no such command', { error: { class: 'CommandNotFound', desc: 'no yank' } }],
    ['an answer that is no JSON', 'yes'],
  ])('cannot be broken by %s, and that is said', async (_what, answer) => {
    copies([7n]);
    emulator({ 'query-yank': answer });
    const broken = await breakSilentCopy(host, DOMAIN, SILENT_MS);
    expect(broken).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('query-yank: QEMU answers') });
  });

  it('is not touched where the operator wants no monitor commands', async () => {
    copies([7n]);
    emulator({ 'query-yank': { return: EVERY_INSTANCE }, yank: { return: {} } });
    await host.connections.close();
    host = hostWith(false);
    expect(await breakSilentCopy(host, DOMAIN, SILENT_MS)).toMatchObject({ outcome: 'failed' });
    expect(commands).toEqual([]);
  });

  /** What the job has copied at each question, the last figure for ever; null: no job. */
  function copies(figures: readonly (bigint | null)[]): void {
    let asked = 0;
    server.on(DOMAIN_GET_JOB_STATS, (call, peer) => {
      const value = figures[Math.min(asked, figures.length - 1)] ?? null;
      asked += 1;
      const params = value === null ? [] : [{ field: 'data_processed', type: 'ullong', value } as const];
      peer.reply(call, xdr(DOMAIN_GET_JOB_STATS.reply, { type: value === null ? 0 : 2, params }));
    });
  }

  function emulator(answers: Readonly<Record<string, unknown>>): void {
    server.on(QEMU_DOMAIN_MONITOR_COMMAND, (call, peer) => {
      const { command } = QEMU_DOMAIN_MONITOR_COMMAND.args.decode(new XdrReader(call.payload));
      const said: { readonly execute: string } = JSON.parse(command);
      commands.push(said);
      const answer = answers[said.execute];
      const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
      peer.reply(call, xdr(QEMU_DOMAIN_MONITOR_COMMAND.reply, text));
    });
  }

  const hostWith = (mayUseMonitor: boolean) => new LibvirtHost(optionsFor(server.endpoint, mayUseMonitor));
});
