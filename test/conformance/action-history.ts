import { z } from 'zod';
import type { Aliases } from './aliases.ts';
import type { ConformanceWorld } from './conformance-world.ts';
import type { GoldenPair } from './golden-pairs.ts';
import type { Reply } from '../support/http-exchange.ts';
import { userNamed } from './recorded-identity.ts';
import type { RecordedServer } from './recorded-servers.ts';
import type { Scene } from './scene.ts';

const ACTIONS = z.object({
  instanceActions: z.array(
    z.object({
      action: z.string(),
      request_id: z.string(),
      user_id: z.string(),
      message: z.string().nullable(),
      instance_uuid: z.string(),
    }),
  ),
});
export type ActionRow = z.infer<typeof ACTIONS>['instanceActions'][number];

export type ToldHistory = {
  readonly server: RecordedServer;
  /** Oldest first. */
  readonly rows: readonly ActionRow[];
  /** The host that a live migration was to go to, by request id, where any pair of any group tells. */
  readonly hosts: ReadonlyMap<string, string | null>;
};

/**
 * What was done to one server, by the longest list of its instance actions: most of it was not recorded, and what came
 * later was asked in the state that it left. Carried out row by row, between the recorded pairs of the group.
 */
export class ActionHistory {
  readonly #scene: Scene;
  readonly #world: ConformanceWorld;
  readonly #aliases: Aliases;
  readonly #server: RecordedServer;
  readonly #hosts: ReadonlyMap<string, string | null>;
  readonly #pairs: ReadonlyMap<string, number>;
  #rows: readonly ActionRow[];

  /** `pairs`: the numbers of the group's own pairs by the request ids of their answers. */
  constructor(
    stage: { readonly scene: Scene; readonly world: ConformanceWorld; readonly aliases: Aliases },
    { server, rows, hosts }: ToldHistory,
    pairs: ReadonlyMap<string, number>,
  ) {
    ({ scene: this.#scene, world: this.#world, aliases: this.#aliases } = stage);
    this.#server = server;
    this.#hosts = hosts;
    this.#pairs = pairs;
    this.#rows = rows;
  }

  /** Everything before pair `n`, or all that is left when no later row is a pair's. */
  async upTo(n: number): Promise<void> {
    for (let [row] = this.#rows; row !== undefined; [row] = this.#rows) {
      const pair = this.#pairs.get(row.request_id);
      if ((pair !== undefined && pair >= n) || this.#waits()) return;
      this.#rows = this.#rows.slice(1);
      if (pair === undefined) await this.#perform(row);
    }
  }

  /** True while the next row belongs to a moment that only a pair can tell of: a migration that is acted upon. */
  #waits(): boolean {
    const [row, next] = this.#rows;
    const id = this.#aliases.find(this.#server.id);
    if (row?.action.startsWith('live_migration_') === true) return false;
    const isBusy = id !== null && this.#scene.row(id).migration !== null;
    const isActedUpon = next?.action.startsWith('live_migration_') === true && this.#pairs.has(next.request_id);
    return isBusy || (row?.action === 'live-migration' && isActedUpon);
  }

  /** Called behind pair `n`: its row is done, and so is what was asked while its effect lasted. */
  async behind(n: number): Promise<void> {
    if (this.#pairs.get(this.#rows[0]?.request_id ?? '') !== n) return;
    this.#rows = this.#rows.slice(1);
    for (let [row] = this.#rows; row?.action === 'live_migration_force_complete'; [row] = this.#rows) {
      if (this.#pairs.has(row.request_id)) return;
      this.#rows = this.#rows.slice(1);
      await this.#perform(row);
    }
  }

  /** Starts the next migration that is not a pair's, and lets it stand still; false when there is none. */
  async startMigration(): Promise<boolean> {
    const next = this.#rows.findIndex(({ action }) => action === 'live-migration');
    const row = this.#rows[next];
    if (row === undefined || this.#rows.slice(0, next + 1).some(({ request_id: id }) => this.#pairs.has(id)))
      return false;
    for (const before of this.#rows.slice(0, next)) await this.#perform(before);
    this.#rows = this.#rows.slice(next + 1);
    this.#learn(row, await this.#scene.startMigration(this.#server));
    return true;
  }

  async #perform(row: ActionRow): Promise<void> {
    const { owner } = this.#server;
    const user = userNamed(row.user_id) ?? owner;
    const id = await this.#scene.create(this.#server);
    switch (row.action) {
      case 'create':
        return this.#aliases.learn(row.request_id.slice('req-'.length), this.#scene.creationOf(id));
      case 'live-migration': {
        await this.#scene.toRest(this.#server);
        if (row.message === 'Error') return this.#learn(row, await this.#toNowhere(row));
        this.#learn(row, await this.#scene.startMigration(this.#server));
        return this.#rows[0]?.action.startsWith('live_migration_') === true ? undefined : this.#world.settle();
      }
      case 'live_migration_cancel': {
        const number = this.#scene.newestMigration(id)?.number;
        this.#learn(row, await this.#scene.ask(user, 'DELETE', `/servers/${id}/migrations/${number}`));
        return this.#world.settle();
      }
      case 'live_migration_force_complete': {
        const path = `/servers/${id}/migrations/${this.#scene.newestMigration(id)?.number}/action`;
        return this.#learn(row, await this.#scene.ask(user, 'POST', path, { force_complete: null }));
      }
      default: {
        const path = `/servers/${id}/action`;
        this.#learn(row, await this.#scene.ask(user, 'POST', path, { [row.action]: null }));
        return this.#world.settle();
      }
    }
  }

  #toNowhere({ request_id: id }: ActionRow): Promise<Reply> {
    return this.#scene.migrateToNowhere(this.#server, this.#hosts.get(id) ?? null);
  }

  #learn(row: ActionRow, reply: Reply): void {
    const ours = reply.headers.get('x-compute-request-id')?.[0];
    if (ours !== undefined) this.#aliases.learn(row.request_id.slice('req-'.length), ours.slice('req-'.length));
  }
}

/** The longest list that tells of the server, oldest first; empty when no answer of `pairs` has one. */
export function recordedActions(server: string, pairs: readonly GoldenPair[]): readonly ActionRow[] {
  const lists = pairs.flatMap(({ response }) => {
    const parsed = ACTIONS.safeParse(response.body);
    return parsed.success && parsed.data.instanceActions[0]?.instance_uuid === server
      ? [parsed.data.instanceActions]
      : [];
  });
  return (lists.toSorted((one, other) => other.length - one.length)[0] ?? []).toReversed();
}
