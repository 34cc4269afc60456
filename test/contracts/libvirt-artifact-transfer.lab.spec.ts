import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LibvirtVolumeArtifactTransfer } from '../../adapters/artifacts/libvirt-volume-artifact-transfer.ts';
import { LibvirtHost } from '../../adapters/libvirt/libvirt-host.ts';
import { hostName, instanceId } from '../../domain/shared/ids.ts';
import { whyNoLab } from '../end-to-end/libvirt-lab.fixture.ts';
import { libvirtOptions } from '../lab/libvirt-options.ts';
import { startTwoHosts } from '../lab/two-hosts.ts';
import { artifactTransferContract, type TransferPair } from './artifact-transfer.contract.ts';
import { valueOf } from './hypervisor-driver.fixture.ts';
import { storeArtifact } from '../support/store-artifact.ts';

const TIMEOUTS = { setUpMs: 60_000, stageMs: 60_000 };

type LabTransferPair = TransferPair & { readonly directories: readonly string[] };

async function makePair(): Promise<LabTransferPair> {
  const lab = await startTwoHosts({ directory: null, names: ['lab-a', 'lab-b'] });
  const hosts = lab.hosts.map((host) => new LibvirtHost(libvirtOptions(host)));
  const server = instanceId(crypto.randomUUID());
  for (const host of hosts) valueOf(await host.directory(server).ensure());
  return {
    transfer: new LibvirtVolumeArtifactTransfer(hosts),
    hosts: [hostName(lab.hosts[0].name), hostName(lab.hosts[1].name)],
    instanceId: server,
    directories: lab.hosts.map(({ facts }) => join(facts.instancesPathOutside, server)),
    dispose: async () => {
      await Promise.all(hosts.map((host) => host.connections.close()));
      await lab.stop();
    },
  };
}

describe.skipIf((await whyNoLab('test/contracts/libvirt-artifact-transfer.lab.spec.ts')) !== null)('libvirt', () => {
  artifactTransferContract('libvirt on two hosts', makePair, TIMEOUTS);
  keepsHoles();
});

const MIB = 1024 * 1024;
const DISK_BYTES = 512 * MIB;

function keepsHoles(): void {
  describe('a disk with holes', { timeout: TIMEOUTS.stageMs }, () => {
    let pair: LabTransferPair;
    beforeAll(async () => {
      pair = await makePair();
    }, TIMEOUTS.setUpMs);
    afterAll(async () => {
      await pair.dispose();
    }, TIMEOUTS.setUpMs);

    it.each(['raw', 'qcow2'])('arrives with the same bytes and the same holes when it is %s', async (format) => {
      const [from = '', to = ''] = pair.directories.map((directory) => join(directory, 'disk.eph0'));
      execFileSync('qemu-img', ['create', '-q', '-f', format, from, String(DISK_BYTES)]);
      execFileSync('qemu-io', ['-f', format, '-c', 'write -P 7 100M 3M', '-c', 'write -P 9 500M 64k', from]);
      const opened = await pair.transfer.open(pair.hosts[0], pair.instanceId, 'disk.eph0');
      if (opened.answer !== 'found') throw new Error(opened.answer);
      expect(opened.content.sizeBytes).toBe(statSync(from).size);
      valueOf(await storeArtifact(pair.transfer, pair.hosts[1], pair.instanceId, 'disk.eph0', opened.content));
      execFileSync('cmp', [from, to]);
      expect(execFileSync('qemu-img', ['compare', from, to]).toString()).toContain('identical');
      expect(statSync(to).blocks * 512).toBeLessThan(5 * MIB);
    });
  });
}
