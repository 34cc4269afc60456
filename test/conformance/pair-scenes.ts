import type { ActionHistory } from './action-history.ts';
import type { Aliases } from './aliases.ts';
import type { ConformanceWorld } from './conformance-world.ts';
import { contextOf } from './contexts.ts';
import type { GoldenPair } from './golden-pairs.ts';
import { historyOf, writeMigrations } from './histories.ts';
import { learnHosts } from './recorded-hosts.ts';
import { describedIn, isOfCast, recordedServers, type RecordedServer } from './recorded-servers.ts';
import { Roster } from './roster.ts';
import { Scene } from './scene.ts';
import { sceneServices } from './service-scenes.ts';

const NO_MIGRATION = '99999';
const MOVED = '7740bbe0-ce33-47df-ad9e-dff2abe73cf3';
/** It was on no host any more, and counts as an instance of its project. */
const OFFLOADED = 'fc8c5694-ad87-4b03-9f06-f2866bc39d73';
const RESIZED = '241df994-9804-49dd-849e-5fdb2b0a891e';
const ABOUT_ALL: readonly string[] = ['os-hypervisors', 'misc'];
const RESCUED_BY_READER = 'b05a83bc-9a53-46cc-a708-2536b3890dbf';

/** Sets the scene of each pair of one group: servers, services, and what had happened before. */
export class PairScenes {
  readonly #group: string;
  readonly #all: readonly GoldenPair[];
  readonly #world: ConformanceWorld;
  readonly #aliases: Aliases;
  readonly #scene: Scene;
  readonly #servers: ReadonlyMap<string, RecordedServer>;
  readonly #history: ActionHistory | null;
  readonly #roster: Roster;

  constructor(group: string, all: readonly GoldenPair[], world: ConformanceWorld, aliases: Aliases) {
    this.#group = group;
    this.#all = all;
    this.#world = world;
    this.#aliases = aliases;
    this.#scene = new Scene(world, aliases);
    this.#servers = recordedServers(all);
    const stage = { scene: this.#scene, world, aliases, servers: this.#servers };
    this.#history = historyOf(group, all, stage);
    this.#roster = new Roster(stage, all, this.#servers);
  }

  /** What had happened before the first pair. */
  async writePast(): Promise<void> {
    await learnHosts(this.#all, this.#scene, this.#aliases);
    if (this.#group === 'servers') await this.#roster.writeDeleted();
    else await this.#createNamed();
    if (this.#group === 'os-migrations') {
      const [scene, world, aliases, servers] = [this.#scene, this.#world, this.#aliases, this.#servers];
      await writeMigrations(this.#all, { scene, world, aliases, servers });
    }
    const server = this.#servers.get(RESCUED_BY_READER);
    if (this.#group === 'instance-actions' && server !== undefined) await this.#rescueAsReader(server);
  }

  /** Everybody whom a pair names; the cast of the whole recording where the answers are about hosts and totals. */
  async #createNamed(): Promise<void> {
    const paths = this.#all.filter(({ group }) => group === this.#group).map(({ request }) => request.path);
    for (const server of this.#servers.values()) {
      const isMeant = ABOUT_ALL.includes(this.#group)
        ? this.#isOnStage(server)
        : paths.some((path) => path.includes(server.id));
      if (isMeant) await this.#scene.create(server);
    }
    const [resized, moved] = [this.#servers.get(RESIZED), this.#servers.get(MOVED)];
    if (!ABOUT_ALL.includes(this.#group) || resized === undefined || moved === undefined) return;
    await this.#scene.moveTo(moved, 'cmp1');
    await this.#scene.tryToBring(resized, 'VERIFY_RESIZE');
  }

  #isOnStage(server: RecordedServer): boolean {
    return isOfCast(server) && (this.#group === 'misc' || server.id !== OFFLOADED);
  }

  async prepare(pair: GoldenPair): Promise<void> {
    await this.#history?.upTo(pair.n);
    const { stage, host, down, disabled } = contextOf(pair);
    const server = this.#serverOf(pair);
    if (server !== undefined && !(await this.#isThere(server, stage))) {
      if (host !== null && stage !== null) await this.#scene.moveTo(server, host);
    }
    if (this.#group === 'os-services') await sceneServices(this.#scene, pair);
    else await this.#scene.services(down, disabled);
    if (this.#group === 'servers') await this.#prepareRoster(pair);
    if (server === undefined) return;
    if (stage !== null) await this.#bring(server, stage);
    this.#learnMigration(pair, server);
  }

  async behind(pair: GoldenPair): Promise<void> {
    await this.#history?.behind(pair.n);
    if (this.#group === 'servers' && pair.request.method === 'POST') {
      await this.#world.settle();
      await this.#roster.learnNew();
    }
  }

  /** In the middle of the migration that the pair is about, which moving the server would end. */
  async #isThere(server: RecordedServer, stage: string | null): Promise<boolean> {
    const id = await this.#scene.create(server);
    return stage !== null && this.#scene.isIn(id, stage);
  }

  /** Undefined: the path names none, or one that has been deleted meanwhile. */
  #serverOf({ request }: GoldenPair): RecordedServer | undefined {
    const server = this.#servers.get(/\/servers\/([0-9a-f-]{36})/.exec(request.path)?.[1] ?? '');
    const id = server === undefined ? null : this.#aliases.find(server.id);
    return id === null || this.#scene.isPresent(id) ? server : undefined;
  }

  async #bring(server: RecordedServer, stage: string): Promise<void> {
    const id = await this.#scene.create(server);
    const wantsMigration = stage.startsWith('MIGRATING') && this.#scene.row(id).migration === null;
    if (wantsMigration && (await this.#history?.startMigration()) === true) return;
    await this.#scene.bring(server, stage);
  }

  #learnMigration({ request }: GoldenPair, server: RecordedServer): void {
    const number = /\/migrations\/(\d+)/.exec(request.path)?.[1];
    const newest = this.#scene.newestMigration(this.#aliases.find(server.id) ?? '');
    if (number === undefined || number === NO_MIGRATION || newest === undefined) return;
    if (!this.#aliases.knowsMigrationNumber(number)) this.#aliases.learnMigrationNumber(number, newest.number);
  }

  /** Everybody older is there, and the scheduler has only the host that it chose then. */
  async #prepareRoster({ request, response }: GoldenPair): Promise<void> {
    const created = request.method === 'POST' ? describedIn(response.body)[0]?.['id'] : undefined;
    const server = this.#servers.get(typeof created === 'string' ? created : '');
    if (server !== undefined) {
      await this.#roster.before(server.id);
      await this.#scene.steerTo(server.host);
    }
    if (request.method !== 'GET') return;
    await this.#roster.before(null);
    await this.#roster.addDemo(this.#servers);
  }

  async #rescueAsReader(server: RecordedServer): Promise<void> {
    const id = await this.#scene.create(server);
    const reply = await this.#scene.ask('reader', 'POST', `/servers/${id}/action`, { rescue: null });
    const recorded = this.#all.find(({ as, note }) => as === 'reader' && note.startsWith('rescue as reader'));
    const [theirs, ours] = [recorded?.response.headers, reply.headers];
    const [one, other] = [theirs?.['x-compute-request-id'], ours.get('x-compute-request-id')?.[0]];
    if (one !== undefined && other !== undefined)
      this.#aliases.learn(one.slice('req-'.length), other.slice('req-'.length));
    await this.#world.settle();
  }
}
