import { SIMULATED_IMAGE, SIMULATED_RESCUE_IMAGE } from '../../adapters/simulated/simulated-image-catalogue.ts';
import type { SeededRandom } from '../chaos/seeded-random.ts';
import { ComputeClient, RESCUED_MIGRATION, type ComputeAnswer } from '../support/compute-client.ts';
import type { ProcessWorld } from './process-world.ts';

const FLAVOR = '0';
const ACCEPTED: ReadonlySet<number> = new Set([200, 202]);

const ACTIONS: readonly object[] = [
  { rescue: { rescue_image_ref: SIMULATED_RESCUE_IMAGE } },
  { unrescue: null },
  { 'os-migrateLive': { host: null, block_migration: 'auto' } },
  { 'os-migrateLive': { host: null, block_migration: 'auto' } },
  { 'os-migrateLive': { host: null, block_migration: 'auto' } },
  { 'os-stop': null },
  { 'os-start': null },
];

/** Asks whichever API process lives, and remembers what was accepted. */
export class FleetClient {
  /** Request ids of what was answered with 200 or 202. */
  readonly accepted: string[] = [];
  readonly servers: string[] = [];
  readonly #world: ProcessWorld;
  readonly #random: SeededRandom;

  constructor(world: ProcessWorld, random: SeededRandom) {
    this.#world = world;
    this.#random = random;
  }

  async create(count: number): Promise<void> {
    for (let made = 0; made < count;) {
      const server = { name: `server-${made}`, imageRef: SIMULATED_IMAGE, flavorRef: FLAVOR, networks: 'none' };
      const answer = await this.#ask({ method: 'POST', path: '/servers', body: { server } });
      const id = answer === null ? undefined : createdId(answer.body);
      if (id === undefined) continue;
      this.servers.push(id);
      made += 1;
    }
  }

  /** One request after another, of whatever may be possible, until `signal` aborts. */
  async ask(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const path = `/servers/${this.#random.pick(this.servers)}/action`;
      await this.#ask({ method: 'POST', path, body: this.#random.pick(ACTIONS) });
      await this.#world.clock.sleep(this.#random.integer(5, 60), signal);
    }
  }

  /** Null: the process was killed, stopped, or is only being started. Then nobody knows whether it was heard. */
  async #ask(request: { readonly method: 'POST'; readonly path: string; readonly body: object }) {
    const { url } = this.#random.pick(this.#world.apis);
    if (url === null) {
      await this.#world.clock.sleep(50);
      return null;
    }
    const client = new ComputeClient(url);
    const answer = await Promise.race([
      client.request({ ...request, microversion: RESCUED_MIGRATION }).catch(() => null),
      this.#world.clock.sleep(PATIENCE_MS).then(() => null),
    ]);
    if (answer === null || !ACCEPTED.has(answer.status)) return refusedRightly(answer);
    if (answer.requestId !== null) this.accepted.push(answer.requestId);
    return answer;
  }
}

const PATIENCE_MS = 2000;

/** Whatever a process lives through, it never answers with a bug. */
function refusedRightly(answer: ComputeAnswer | null): null {
  if (answer?.status === 500) throw new Error(`500: ${answer.message}`);
  return null;
}

function createdId(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('server' in body)) return undefined;
  const { server } = body;
  return typeof server === 'object' && server !== null && 'id' in server ? String(server.id) : undefined;
}
