import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalImageDirectory } from '../../../adapters/images/local-image-directory.ts';
import { FLAVOR } from '../../end-to-end/lab-configuration.ts';
import { LibvirtLab } from '../../end-to-end/libvirt-lab.fixture.ts';
import { servicesUp } from '../../end-to-end/server-under-test.fixture.ts';
import { GUEST_MEMORY_MIB } from '../../lab/guest-images.ts';
import { makeTemporaryDirectory } from '../../lab/temporary-directory.ts';
import { GlanceProtocolServer } from '../../support/glance-protocol-server.ts';
import { ChaosHost } from './chaos-host.ts';
import { LifeboatProcess } from './lifeboat-process.ts';
import { SmallFileSystem } from './small-file-system.ts';

const HEARTBEAT_SECONDS = 0.5;
const POWER_STATE_SYNC_SECONDS = 0.5;
/** Begins with half a second: each further look at what the guest has written is a chance for the emulator to miss some. */
const DOWNTIME = { maxMs: 2000, steps: 3 };
const STORE_BYTES = 64 * 1024 * 1024;

/** Everything a round needs: two real hosts behind relays, an image service, an event store, and Lifeboat as a process. */
export class ChaosCloud {
  readonly libvirt: LibvirtLab;
  readonly hosts: readonly [ChaosHost, ChaosHost];
  readonly glance: GlanceProtocolServer;
  readonly store: SmallFileSystem;
  readonly lifeboat: LifeboatProcess;
  readonly #removeDirectory: () => void;

  private constructor(
    parts: Pick<ChaosCloud, 'libvirt' | 'hosts' | 'glance' | 'store' | 'lifeboat'>,
    remove: () => void,
  ) {
    this.libvirt = parts.libvirt;
    this.hosts = parts.hosts;
    this.glance = parts.glance;
    this.store = parts.store;
    this.lifeboat = parts.lifeboat;
    this.#removeDirectory = remove;
  }

  static async start(): Promise<ChaosCloud> {
    const directory = makeTemporaryDirectory(join(tmpdir(), 'lb-chaos-'));
    const libvirt = await LibvirtLab.start();
    const glance = await imageServiceOf(libvirt);
    const store = await SmallFileSystem.mount(STORE_BYTES);
    const [first, second] = libvirt.lab.hosts;
    const hosts = [
      await ChaosHost.start(first, directory.path),
      await ChaosHost.start(second, directory.path),
    ] as const;
    const tokenFile = join(directory.path, 'token');
    await writeFile(tokenFile, glance.token);
    const images = { kind: 'glance', endpoint: glance.endpoint, tokenFile };
    const lifeboat = new LifeboatProcess(directory.path, configurationOf(hosts, store.path, images));
    const cloud = new ChaosCloud({ libvirt, hosts, glance, store, lifeboat }, directory.remove);
    await lifeboat.start();
    await servicesUp(lifeboat.client, hosts.length);
    for (const host of hosts) await host.takeStock();
    return cloud;
  }

  get eventStorePath(): string {
    return join(this.store.path, 'events.db');
  }

  host(name: string): ChaosHost {
    const found = this.hosts.find((host) => host.name === name);
    if (found === undefined) throw new Error(`there is no host ${name}`);
    return found;
  }

  otherThan(name: string): ChaosHost {
    return this.hosts[0].name === name ? this.hosts[1] : this.hosts[0];
  }

  async stop(): Promise<void> {
    await this.lifeboat.stop();
    await Promise.all(this.hosts.map(({ relay }) => relay.stop()));
    await this.libvirt.stop();
    await this.glance.stop();
    await this.store.unmount();
    this.#removeDirectory();
  }
}

function configurationOf(hosts: readonly ChaosHost[], storePath: string, images: object): object {
  return {
    store: `sqlite:${join(storePath, 'events.db')}`,
    hypervisor: 'libvirt',
    images,
    hosts: hosts.map(({ lab: { facts }, relay }) => ({
      name: facts.name,
      libvirt: `unix:${relay.path}`,
      instancesPath: facts.instancesPath,
      migrationAddress: facts.migrationAddress,
      gracefulShutdownSeconds: 0,
    })),
    flavors: [{ id: FLAVOR, name: 'm1.lab', vcpus: 1, ramMiB: GUEST_MEMORY_MIB, diskGiB: 0 }],
    heartbeatSeconds: HEARTBEAT_SECONDS,
    powerStateSyncSeconds: POWER_STATE_SYNC_SECONDS,
    liveMigration: { permittedDowntime: DOWNTIME },
  };
}

/** The laboratory's images over HTTP, so that the image service can be down or slow. */
async function imageServiceOf({ images }: LibvirtLab): Promise<GlanceProtocolServer> {
  const glance = await GlanceProtocolServer.start();
  const listed = await new LocalImageDirectory({ path: images.path, report: () => undefined }).list();
  if (listed.answer !== 'found') throw new Error('the images of the laboratory cannot be read');
  for (const image of listed.value) glance.put(image, await readFile(join(images.path, `${image.id}.data`)));
  return glance;
}
