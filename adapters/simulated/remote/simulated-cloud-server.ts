import { createServer, type Server, type Socket } from 'node:net';
import type { ImageService } from '../../../application/ports/image-service.ts';
import { hostName, type HostName } from '../../../domain/shared/ids.ts';
import { SimulatedArtifactTransfer } from '../simulated-artifact-transfer.ts';
import type { SimulatedCloud } from '../simulated-cloud.ts';
import { SimulatedDriver } from '../simulated-driver.ts';
import type { SimulatedFaults } from '../simulated-faults.ts';
import { SimulatedCloudClient } from './simulated-cloud-client.ts';
import type { SeenCall } from './simulated-cloud-protocol.ts';

export type SharedCloud = {
  readonly cloud: SimulatedCloud;
  readonly faults: SimulatedFaults;
  readonly images: ImageService;
};

/** Between two looks whether a client still answers, and how often it may not: it is then cut off, as libvirt does. */
export type Keepalive = { readonly intervalMs: number; readonly missedMax: number };

export const LIBVIRT_KEEPALIVE: Keepalive = { intervalMs: 5000, missedMax: 5 };

/** A simulated cloud for several processes of one machine, on a Unix socket. What one of them has begun ends with it. */
export class SimulatedCloudServer {
  readonly #shared: SharedCloud;
  readonly #keepalive: Keepalive;
  readonly #onCall: (call: SeenCall) => void;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor(shared: SharedCloud, keepalive = LIBVIRT_KEEPALIVE, onCall: (call: SeenCall) => void = () => undefined) {
    this.#shared = shared;
    this.#keepalive = keepalive;
    this.#onCall = onCall;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Rejects when the path is taken. */
  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(path, () => resolve());
    });
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    const { cloud, faults, images } = this.#shared;
    const clients = new Set<() => void>();
    const driver = (name: string): SimulatedDriver | null =>
      cloud.hosts().includes(hostName(name)) ? this.#driver(hostName(name), clients) : null;
    const transfer = new SimulatedArtifactTransfer(cloud, faults);
    const client = new SimulatedCloudClient(socket, { driver, transfer, images }, this.#onCall);
    const pulse = setInterval(() => client.pulse(this.#keepalive.missedMax), this.#keepalive.intervalMs);
    socket.once('close', () => {
      clearInterval(pulse);
      this.#sockets.delete(socket);
      for (const clientGone of clients) {
        clients.delete(clientGone);
        clientGone();
      }
      client.gone();
    });
  }

  #driver(host: HostName, clients: Set<() => void>): SimulatedDriver {
    return new SimulatedDriver(host, { ...this.#shared, clients });
  }
}
