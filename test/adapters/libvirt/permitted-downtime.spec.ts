import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LibvirtHost } from '../../../adapters/libvirt/libvirt-host.ts';
import { DEFAULT_LIVE_MIGRATION } from '../../../adapters/libvirt/live-migration-settings.ts';
import { permitDowntime } from '../../../adapters/libvirt/permitted-downtime.ts';
import { DOMAIN_GET_XML_DESC, DOMAIN_MIGRATE_SET_MAX_DOWNTIME } from '../../../adapters/libvirt/rpc/procedures.ts';
import { XdrReader } from '../../../adapters/libvirt/rpc/xdr.ts';
import { LibvirtProtocolServer, xdr } from '../../support/libvirt-protocol-server.ts';
import { optionsFor } from './libvirt-host-options.fixture.ts';

const DOMAIN = { name: 'instance-1', uuid: '11111111-1111-4111-8111-111111111111', id: 1 };
const FIRST_STEP_MS = 46;

describe('how long a guest may stand still', () => {
  let server: LibvirtProtocolServer;
  let host: LibvirtHost;
  let permitted: number[];

  beforeEach(async () => {
    server = await LibvirtProtocolServer.start();
    host = new LibvirtHost(optionsFor(server.endpoint, false));
    permitted = [];
    server.on(DOMAIN_MIGRATE_SET_MAX_DOWNTIME, (call, peer) => {
      permitted.push(Number(DOMAIN_MIGRATE_SET_MAX_DOWNTIME.args.decode(new XdrReader(call.payload)).downtimeMs));
      peer.reply(call);
    });
  });

  afterEach(async () => {
    await host.connections.close();
    await server.stop();
  });

  function runs(type: 'qemu' | 'kvm'): void {
    server.on(DOMAIN_GET_XML_DESC, (call, peer) => {
      peer.reply(call, xdr(DOMAIN_GET_XML_DESC.reply, `<domain type='${type}'><name>instance-1</name></domain>`));
    });
  }

  it('grows from little, with KVM', async () => {
    runs('kvm');
    const answer = await permitDowntime(host, DOMAIN, DEFAULT_LIVE_MIGRATION, 2);
    expect(permitted).toEqual([FIRST_STEP_MS]);
    if (answer.outcome === 'succeeded') answer.value();
  });

  it('is not asked about where QEMU damages a memory that it copies twice: one pass, and what was written meanwhile', async () => {
    runs('qemu');
    expect(await permitDowntime(host, DOMAIN, DEFAULT_LIVE_MIGRATION, 2)).toMatchObject({ outcome: 'succeeded' });
    expect(permitted).toEqual([0]);
  });

  it('is the same for all where the operator says that QEMU is new enough', async () => {
    runs('qemu');
    const answer = await permitDowntime(host, DOMAIN, { ...DEFAULT_LIVE_MIGRATION, emulatedGuestsInOnePass: false }, 2);
    expect(permitted).toEqual([FIRST_STEP_MS]);
    if (answer.outcome === 'succeeded') answer.value();
  });

  it.each([
    ['qemu', 'failed'],
    ['kvm', 'succeeded'],
  ] as const)('that cannot be set ends a migration only where memory is at stake: %s', async (type, outcome) => {
    runs(type);
    server.on(DOMAIN_MIGRATE_SET_MAX_DOWNTIME, (call, peer) => {
      peer.replyError(call, 1, 'internal error');
    });
    const answer = await permitDowntime(host, DOMAIN, DEFAULT_LIVE_MIGRATION, 2);
    expect(answer).toMatchObject({ outcome });
    if (answer.outcome === 'succeeded') answer.value();
  });
});
