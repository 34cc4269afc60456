import { createHash, randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LibvirtVolumeArtifactTransfer } from '../../adapters/artifacts/libvirt-volume-artifact-transfer.ts';
import { LibvirtHost } from '../../adapters/libvirt/libvirt-host.ts';
import { CONNECT_GET_HOSTNAME } from '../../adapters/libvirt/rpc/procedures.ts';
import type { ArtifactContent } from '../../application/ports/artifact-transfer.ts';
import { instanceId, type InstanceId } from '../../domain/shared/ids.ts';
import type { Lab } from '../lab/two-hosts.ts';
import type { BenchRow } from './bench-row.ts';
import { libvirtOptions } from '../lab/libvirt-options.ts';
import { command, median, milliseconds } from './rounds.ts';
import { benchStagingMemory } from './staging-memory.ts';
import { storeArtifact } from '../support/store-artifact.ts';

const FILE_BYTES = 256 * 1024 * 1024;
const ARTIFACT = 'kernel.rescue';
const STREAM_ROUNDS = 5;
const CALL_ROUNDS = 9;
const CALLS_PER_ROUND = 500;
const STAGING_RATIO_MIN = 0.8;
const CALL_RATIO_MIN = 50;
const MIB = 1024 * 1024;

/** The raw libvirt costs: one call against spawning virsh, and one file from host to host against two virsh. */
export async function benchLibvirt(lab: Lab): Promise<readonly BenchRow[]> {
  const hosts = lab.hosts.map(({ facts }) => new LibvirtHost(libvirtOptions({ facts })));
  try {
    const [source, destination] = hosts;
    if (source === undefined || destination === undefined) throw new Error('a laboratory has two hosts');
    const call = await benchCall(source, lab.hosts[0].facts.connectionUri);
    return [call, ...(await benchStaging(lab, source, destination))];
  } finally {
    await Promise.all(hosts.map((host) => host.connections.close()));
  }
}

async function benchCall(host: LibvirtHost, uri: string): Promise<BenchRow> {
  const ours: number[] = [];
  const peer: number[] = [];
  for (let round = 0; round < CALL_ROUNDS; round += 1) {
    peer.push(await milliseconds(() => command('virsh', '-c', uri, 'hostname')));
    const calls = await milliseconds(async () => {
      for (let call = 0; call < CALLS_PER_ROUND; call += 1) await host.connections.call(CONNECT_GET_HOSTNAME, null);
    });
    ours.push(calls / CALLS_PER_ROUND);
  }
  const ratio = median(peer) / median(ours);
  return {
    name: 'one libvirt call, against spawning virsh (ratio: virsh / ours)',
    ours: median(ours),
    peer: median(peer),
    unit: 'ms',
    ratio,
    bar: `virsh at least ${CALL_RATIO_MIN} x as long`,
    pass: ratio >= CALL_RATIO_MIN,
  };
}

async function benchStaging(lab: Lab, source: LibvirtHost, destination: LibvirtHost): Promise<readonly BenchRow[]> {
  const server = instanceId('00000000-0000-4000-8000-000000000001');
  const file = join(lab.hosts[0].facts.instancesPathOutside, server, ARTIFACT);
  await makeDirectories([source, destination], server);
  const content = randomBytes(FILE_BYTES);
  await writeFile(file, content);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const relay = join(lab.directory, 'virsh-relay');
  const ours: number[] = [];
  const verified: number[] = [];
  const peer: number[] = [];
  for (let round = 0; round < STREAM_ROUNDS; round += 1) {
    peer.push(await milliseconds(() => virshRelay(lab, server, relay)));
    ours.push(await milliseconds(() => streamRelay(source, destination, server)));
    verified.push(await milliseconds(() => store(source, destination, server, sha256)));
  }
  await rm(relay, { force: true });
  const memory = await benchStagingMemory(lab, server);
  await Promise.all([source, destination].map((host) => host.directory(server).remove()));
  const streams = stagingRow(
    'staging 256 MiB through volume streams, against virsh vol-download + vol-upload',
    ours,
    peer,
  );
  const whole = stagingRow('the same with hashing and read-back, which virsh does not do', verified, peer);
  return [
    { ...streams, bar: `ratio at least ${STAGING_RATIO_MIN}`, pass: streams.ratio >= STAGING_RATIO_MIN },
    { ...whole, bar: 'none', pass: true },
    memory,
  ];
}

function stagingRow(name: string, ours: readonly number[], peer: readonly number[]): Omit<BenchRow, 'bar' | 'pass'> {
  const throughput = (values: readonly number[]): number => FILE_BYTES / MIB / (median(values) / 1000);
  return { name, ours: throughput(ours), peer: throughput(peer), unit: 'MiB/s', ratio: median(peer) / median(ours) };
}

async function makeDirectories(hosts: readonly LibvirtHost[], server: InstanceId): Promise<void> {
  for (const host of hosts) {
    const pool = await host.directory(server).ensure();
    if (pool.outcome !== 'succeeded') throw new Error(pool.reason);
  }
}

async function virshRelay(lab: Lab, server: InstanceId, relay: string): Promise<void> {
  const [from, to] = lab.hosts;
  const pool = `lifeboat-${server}`;
  await command('virsh', '-c', from.facts.connectionUri, 'pool-refresh', pool);
  await command('virsh', '-c', from.facts.connectionUri, 'vol-download', '--pool', pool, ARTIFACT, relay);
  await command(
    'virsh',
    '-c',
    to.facts.connectionUri,
    'vol-create-as',
    pool,
    'peer',
    String(FILE_BYTES),
    '--allocation',
    '0',
  );
  await command('virsh', '-c', to.facts.connectionUri, 'vol-upload', '--pool', pool, 'peer', relay);
  await command('virsh', '-c', to.facts.connectionUri, 'vol-delete', '--pool', pool, 'peer');
}

/** Source to destination without a file in between, and without the hashes. */
async function streamRelay(source: LibvirtHost, destination: LibvirtHost, server: InstanceId): Promise<void> {
  const content = await opened(source, server);
  const directory = destination.directory(server);
  const pool = await directory.find();
  if (pool.outcome !== 'succeeded' || pool.value === null) throw new Error('the destination has no directory');
  const volume = await directory.create(pool.value, { name: 'ours', format: 'raw', capacityBytes: content.sizeBytes });
  if (volume.outcome !== 'succeeded') throw new Error(volume.reason);
  const sent = await directory.upload(volume.value, content.sizeBytes, content.bytes);
  if (sent.outcome !== 'succeeded') throw new Error(sent.reason);
  await directory.removeFile(pool.value, 'ours');
}

async function store(source: LibvirtHost, destination: LibvirtHost, server: InstanceId, sha256: string): Promise<void> {
  const transfer = new LibvirtVolumeArtifactTransfer([destination]);
  const stored = await storeArtifact(
    transfer,
    destination.options.host,
    server,
    ARTIFACT,
    await opened(source, server),
  );
  if (stored.outcome !== 'succeeded') throw new Error(stored.reason);
  if (stored.value.sha256 !== sha256) throw new Error('the copy differs from the original');
}

async function opened(source: LibvirtHost, server: InstanceId): Promise<ArtifactContent> {
  const transfer = new LibvirtVolumeArtifactTransfer([source]);
  const found = await transfer.open(source.options.host, server, ARTIFACT);
  if (found.answer !== 'found') throw new Error(`the file to stage is ${found.answer}`);
  return found.content;
}
