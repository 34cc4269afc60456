import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LibvirtHost } from '../../../adapters/libvirt/libvirt-host.ts';
import { DEFAULT_LIVE_MIGRATION } from '../../../adapters/libvirt/live-migration-settings.ts';
import { missingCapabilities, requireCapable } from '../../../adapters/libvirt/migration-requirements.ts';
import { CONNECT_GET_LIB_VERSION, CONNECT_GET_VERSION } from '../../../adapters/libvirt/rpc/procedures.ts';
import { readConfiguration } from '../../../adapters/main/configuration.ts';
import { serve } from '../../../adapters/main/serve.ts';
import { logInto } from '../../end-to-end/log-lines.ts';
import { LibvirtProtocolServer, xdr } from '../../support/libvirt-protocol-server.ts';
import { optionsFor } from './libvirt-host-options.fixture.ts';

const BOTH = { ...DEFAULT_LIVE_MIGRATION, postCopy: true, autoConverge: true };
const TOO_OLD =
  'liveMigration.postCopy: found true, but compute-a runs libvirt 1.3.2 and QEMU 2.6.0; ' +
  'expected libvirt 1.3.3 and QEMU 2.6.0 or newer, or false';

describe('what a host must be able to do', () => {
  let server: LibvirtProtocolServer;
  let host: LibvirtHost;

  beforeEach(async () => {
    server = await LibvirtProtocolServer.start();
    host = new LibvirtHost(optionsFor(server.endpoint));
  });

  afterEach(async () => {
    await host.connections.close();
    await server.stop();
  });

  const runs = (libvirt: bigint, qemu: bigint) => {
    server.on(CONNECT_GET_LIB_VERSION, (call, peer) => peer.reply(call, xdr(CONNECT_GET_LIB_VERSION.reply, libvirt)));
    server.on(CONNECT_GET_VERSION, (call, peer) => peer.reply(call, xdr(CONNECT_GET_VERSION.reply, qemu)));
  };
  const serveWith = (liveMigration: object, libvirt = `unix:${server.endpoint.path}`) => {
    const hosts = [{ name: 'compute-a', libvirt }];
    const base = { listen: { port: 0 }, store: 'memory:', hosts, images: { kind: 'simulated' }, liveMigration };
    const answer = readConfiguration(null, {}, base);
    if (!answer.valid) throw new Error(answer.problems.join('\n'));
    return serve(answer.configuration, logInto([]));
  };

  it('is nothing special unless something special is configured', async () => {
    expect(await missingCapabilities(host, DEFAULT_LIVE_MIGRATION)).toEqual({ outcome: 'succeeded', value: [] });
    expect(server.frames).toEqual([]);
  });

  it('is met by the releases that brought it, and by newer ones', async () => {
    runs(1_003_003n, 2_006_000n);
    expect(await requireCapable(host, BOTH)).toEqual({ outcome: 'succeeded', value: null });
    runs(9_000_000n, 7_002_022n);
    expect(await missingCapabilities(host, BOTH)).toEqual({ outcome: 'succeeded', value: [] });
  });

  it('is told by name and number when it is older', async () => {
    runs(1_003_002n, 2_006_000n);
    expect(await missingCapabilities(host, BOTH)).toEqual({ outcome: 'succeeded', value: [TOO_OLD] });
    expect(await requireCapable(host, BOTH)).toEqual({
      outcome: 'failed',
      reason: `Migration pre-check error: ${TOO_OLD}`,
    });
    runs(9_000_000n, 1_005_003n);
    expect(await missingCapabilities(host, BOTH)).toMatchObject({
      value: [expect.stringContaining('liveMigration.autoConverge'), expect.stringContaining('liveMigration.postCopy')],
    });
  });

  it('is refused when the program starts, as far as the host answers', async () => {
    runs(1_003_002n, 2_006_000n);
    await expect(serveWith({ postCopy: true })).rejects.toThrow(TOO_OLD);
    const served = await serveWith({ postCopy: true }, `unix:${server.endpoint.path}-not-there`);
    await served.stop();
  });

  it('is not asked of a driver with impossible numbers', () => {
    const problemsOf = (liveMigration: object) => {
      const answer = readConfiguration(null, {}, { hosts: [{ name: 'compute-a' }], liveMigration });
      return answer.valid ? [] : answer.problems;
    };
    expect(problemsOf({ permittedDowntime: { steps: 0 } })).toEqual([
      'liveMigration.permittedDowntime.steps: found 0; expected at least 3',
    ]);
    expect(problemsOf({ completionTimeoutAction: 'force_complete' })).toEqual([
      'liveMigration.completionTimeoutAction: found "force_complete"; expected one of abort, forceComplete',
    ]);
    expect(problemsOf({ bandwidthMiBps: -1, stallTimeoutSeconds: 0 })).toEqual([
      'liveMigration.bandwidthMiBps: found -1; expected at least 0',
    ]);
  });
});
