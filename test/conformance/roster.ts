import type { Aliases } from './aliases.ts';
import type { ConformanceWorld } from './conformance-world.ts';
import type { GoldenPair } from './golden-pairs.ts';
import { describedIn, type RecordedServer } from './recorded-servers.ts';
import type { Scene } from './scene.ts';

const ASKS_FOR_DELETED_ONES = /changes-since=2020/;
const OF_DEMO = '11c54e10-811f-469e-81b1-372a0102d5cd';

/**
 * The servers that the lists of the group `servers` show, in the order of their creation. Some were created by
 * recorded requests, some by requests that were left out, and the oldest had been deleted before.
 */
export class Roster {
  readonly #scene: Scene;
  readonly #aliases: Aliases;
  readonly #world: ConformanceWorld;
  readonly #servers: readonly RecordedServer[];
  readonly #deleted: readonly RecordedServer[];

  constructor(
    { scene, aliases, world }: { readonly scene: Scene; readonly aliases: Aliases; readonly world: ConformanceWorld },
    pairs: readonly GoldenPair[],
    servers: ReadonlyMap<string, RecordedServer>,
  ) {
    this.#scene = scene;
    this.#aliases = aliases;
    this.#world = world;
    const listed = (matches: (path: string) => boolean) =>
      pairs
        .filter(
          ({ group, request, response }) => group === 'servers' && matches(request.path) && response.status === 200,
        )
        .map(({ response }) => describedIn(response.body).flatMap(({ id }) => servers.get(String(id)) ?? []))
        .toSorted((one, other) => other.length - one.length)[0] ?? [];
    const present = listed((path) => !ASKS_FOR_DELETED_ONES.test(path)).toReversed();
    this.#servers = present;
    this.#deleted = listed((path) => ASKS_FOR_DELETED_ONES.test(path))
      .toReversed()
      .filter((server) => !present.includes(server));
  }

  /** What had been there before the first pair of the group. */
  async writeDeleted(): Promise<void> {
    for (const server of this.#deleted) {
      const id = await this.#scene.create(server);
      await this.#scene.ask(server.owner, 'DELETE', `/servers/${id}`);
    }
    await this.#world.settle();
  }

  /** Brings everybody along who was created before `server`; null: everybody. */
  async before(server: string | null): Promise<void> {
    for (const other of this.#servers) {
      if (other.id === server) return;
      await this.#scene.create(other);
    }
  }

  /** Created in the name of another project, which is why no list of the administrator shows it. */
  async addDemo(servers: ReadonlyMap<string, RecordedServer>): Promise<void> {
    const server = servers.get(OF_DEMO);
    if (server !== undefined) await this.#scene.create(server);
  }

  /** Gives names to the servers that a recorded request created and its answer did not tell of, and puts them in place. */
  async learnNew(): Promise<void> {
    const unknown = [...this.#world.views.servers.all()].filter(({ instanceId }) => !this.#aliases.isOurs(instanceId));
    for (const row of unknown) {
      const theirs = this.#servers.find(({ id, name }) => name === row.name && this.#aliases.find(id) === null);
      if (theirs === undefined) continue;
      this.#aliases.learn(theirs.id, row.instanceId);
      await this.#scene.services([], []);
      await this.#scene.moveTo(theirs, theirs.host);
    }
  }
}
