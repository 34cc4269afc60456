import { Aliases } from './aliases.ts';
import { comparableRecording, comparableReply, type Comparable } from './comparable.ts';
import { startConformanceWorld, type ConformanceWorld } from './conformance-world.ts';
import { contextOf } from './contexts.ts';
import { asAnsweredNow } from './current-nova.ts';
import { differenceLines } from './difference-lines.ts';
import type { GoldenPair } from './golden-pairs.ts';
import { writeHistory } from './histories.ts';
import { describedIn, recordedServers, type RecordedServer } from './recorded-servers.ts';
import { differenceOf, type KnownDifference } from './known-differences.ts';
import { RECORDED_IMAGES } from './recorded-deployment.ts';
import { NoSuchContext, Scene } from './scene.ts';
import { isServed, isUnknownAction } from './served-endpoints.ts';

export type Replayed = { readonly pair: GoldenPair } & (
  | { readonly outcome: 'notServed' }
  | { readonly outcome: 'noSuchContext'; readonly why: string }
  | {
      readonly outcome: 'compared';
      readonly statusMatches: boolean;
      readonly bodyMatches: boolean;
      readonly headersMatch: boolean;
      /** Empty when all three do. */
      readonly differences: readonly string[];
    }
);

const SECOND_INSTALLATION = 'sync errors (down hosts, bad unrescue, abort races)';

/** The pairs of one group, in their order, against a fresh server. `all`: every pair, for what they tell of servers. */
export async function replayGroup(
  group: string,
  all: readonly GoldenPair[],
  known: readonly KnownDifference[],
): Promise<readonly Replayed[]> {
  const world = await startConformanceWorld();
  try {
    const stage = new Stage(world, all, known);
    await writeHistory(group, all, stage.scene, stage.servers, stage.aliases, world);
    const replayed: Replayed[] = [];
    for (const pair of all.filter((candidate) => candidate.group === group)) replayed.push(await stage.replay(pair));
    return replayed;
  } finally {
    await world.stop();
  }
}

class Stage {
  readonly aliases = new Aliases();
  readonly scene: Scene;
  readonly servers: ReadonlyMap<string, RecordedServer>;
  readonly #world: ConformanceWorld;
  readonly #known: readonly KnownDifference[];

  constructor(world: ConformanceWorld, all: readonly GoldenPair[], known: readonly KnownDifference[]) {
    this.#known = known;
    for (const { image } of RECORDED_IMAGES) this.aliases.learn(image.id, image.id);
    this.#world = world;
    this.scene = new Scene(world, this.aliases);
    this.servers = recordedServers(all);
  }

  async replay(pair: GoldenPair): Promise<Replayed> {
    if (!isServed(pair, this.#world.routes)) return { pair, outcome: 'notServed' };
    try {
      await this.#prepare(pair);
    } catch (error) {
      if (error instanceof NoSuchContext) return { pair, outcome: 'noSuchContext', why: error.message };
      throw error;
    }
    const reply = await this.#ask(pair);
    if (isUnknownAction(pair, reply.text)) return { pair, outcome: 'notServed' };
    this.#learn(pair, reply.headers.get('x-compute-request-id')?.[0] ?? null, reply.text);
    const now = asAnsweredNow(pair, differenceOf(this.#known, pair.n));
    const text = now.body === '' || now.body === null ? '' : JSON.stringify(now.body);
    const recording = { status: now.status, headers: now.headers, text: this.aliases.translated(text) };
    return { pair, ...compared(comparableRecording(recording, this.aliases), comparableReply(reply, this.aliases)) };
  }

  async #prepare(pair: GoldenPair): Promise<void> {
    const { stage, host, down, disabled } = contextOf(pair);
    const server = this.servers.get(/\/servers\/([0-9a-f-]{36})/.exec(pair.request.path)?.[1] ?? '');
    if (server !== undefined && !this.#isGone(server)) {
      if (host !== null) await this.scene.moveTo(server, host);
      else await this.scene.create(server);
    }
    await this.scene.services(down, disabled);
    if (server === undefined || this.#isGone(server)) return;
    if (stage !== null) await this.scene.bring(server, stage);
    this.#learnMigration(pair, server);
  }

  #isGone(server: RecordedServer): boolean {
    const id = this.aliases.find(server.id);
    return id !== null && !this.scene.isPresent(id);
  }

  #learnMigration({ request }: GoldenPair, server: RecordedServer): void {
    const number = /\/migrations\/(\d+)/.exec(request.path)?.[1];
    const id = this.aliases.find(server.id);
    const newest = id === null ? undefined : this.scene.newestMigration(id);
    if (number === undefined || newest === undefined || this.aliases.knowsMigrationNumber(number)) return;
    if (number !== UNKNOWN_MIGRATION) this.aliases.learnMigrationNumber(number, newest.number);
  }

  #ask({ group, as, request }: GoldenPair) {
    const headers = Object.entries(request.headers).filter(([name]) => name.toLowerCase() !== 'x-auth-token');
    const token = as === 'admin' && group === SECOND_INSTALLATION ? 'second admin' : as;
    const body = typeof request.body === 'string' ? request.body : JSON.stringify(request.body);
    return this.#world.ask({
      method: request.method,
      path: this.aliases.translated(request.path),
      headers: { ...Object.fromEntries(headers), ...(token === null ? {} : { 'x-auth-token': token }) },
      payload: request.body === null || request.body === undefined ? null : this.aliases.translated(body),
    });
  }

  #learn({ request, response }: GoldenPair, requestId: string | null, text: string): void {
    const recorded = response.headers['x-compute-request-id'];
    if (recorded !== undefined && requestId !== null) {
      this.aliases.learn(recorded.slice('req-'.length), requestId.slice('req-'.length));
    }
    if (request.method !== 'POST' || !request.path.endsWith('/servers')) return;
    const [theirs] = describedIn(response.body);
    const [ours] = describedIn(text.startsWith('{') ? JSON.parse(text) : null);
    if (typeof theirs?.['id'] === 'string' && typeof ours?.['id'] === 'string') {
      this.aliases.learn(theirs['id'], ours['id']);
    }
  }
}

const UNKNOWN_MIGRATION = '99999';

function compared(expected: Comparable, found: Comparable) {
  const status = differenceLines(expected.status, found.status, 'status');
  const headers = differenceLines(expected.headers, found.headers, 'headers');
  const body = differenceLines(expected.body, found.body, 'body');
  return {
    outcome: 'compared' as const,
    statusMatches: status.length === 0,
    headersMatch: headers.length === 0,
    bodyMatches: body.length === 0,
    differences: [...status, ...headers, ...body],
  };
}
