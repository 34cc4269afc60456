import { describe } from 'vitest';
import { LibvirtVolumeArtifactTransfer } from '../../adapters/artifacts/libvirt-volume-artifact-transfer.ts';
import { LibvirtHost } from '../../adapters/libvirt/libvirt-host.ts';
import { hostName, instanceId } from '../../domain/shared/ids.ts';
import { libvirtOptions, whyNoLab } from '../end-to-end/libvirt-lab.fixture.ts';
import { startTwoHosts } from '../lab/two-hosts.ts';
import { artifactTransferContract, type TransferPair } from './artifact-transfer.contract.ts';
import { valueOf } from './hypervisor-driver.fixture.ts';

const TIMEOUTS = { setUpMs: 60_000, stageMs: 60_000 };

async function makePair(): Promise<TransferPair> {
  const lab = await startTwoHosts({ directory: null, names: ['lab-a', 'lab-b'] });
  const hosts = lab.hosts.map((host) => new LibvirtHost(libvirtOptions(host)));
  const server = instanceId(crypto.randomUUID());
  for (const host of hosts) valueOf(await host.directory(server).ensure());
  return {
    transfer: new LibvirtVolumeArtifactTransfer(hosts),
    hosts: [hostName(lab.hosts[0].name), hostName(lab.hosts[1].name)],
    instanceId: server,
    dispose: async () => {
      await Promise.all(hosts.map((host) => host.connections.close()));
      await lab.stop();
    },
  };
}

describe.skipIf((await whyNoLab('test/contracts/libvirt-artifact-transfer.lab.spec.ts')) !== null)('libvirt', () => {
  artifactTransferContract('libvirt on two hosts', makePair, TIMEOUTS);
});
