import { Aliases } from './aliases.ts';
import { comparableRecording, comparableReply, type Comparable } from './comparable.ts';
import { startConformanceWorld, type ConformanceWorld } from './conformance-world.ts';
import { asAnsweredNow } from './current-nova.ts';
import { differenceLines } from './difference-lines.ts';
import type { GoldenPair } from './golden-pairs.ts';
import type { Reply } from '../support/http-exchange.ts';
import { differenceOf, type KnownDifference } from './known-differences.ts';
import { PairScenes } from './pair-scenes.ts';
import { RECORDED_IMAGES } from './recorded-deployment.ts';
import { describedIn } from './recorded-servers.ts';
import { NoSuchContext } from './scene.ts';
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

/** The second installation of the recorder, whose administrator has other ids. */
const SECOND_INSTALLATION = 'sync errors (down hosts, bad unrescue, abort races)';

/** The pairs of one group, in their order, against a fresh server. `all`: every pair, for what they tell of servers. */
export async function replayGroup(
  group: string,
  all: readonly GoldenPair[],
  known: readonly KnownDifference[],
): Promise<readonly Replayed[]> {
  const world = await startConformanceWorld();
  try {
    const aliases = new Aliases();
    for (const { image } of RECORDED_IMAGES) aliases.learn(image.id, image.id);
    const scenes = new PairScenes(group, all, world, aliases);
    await scenes.writePast();
    const replayed: Replayed[] = [];
    for (const pair of all.filter((candidate) => candidate.group === group)) {
      replayed.push(await replay(pair, { world, aliases, scenes, known: differenceOf(known, pair.n) }));
    }
    return replayed;
  } finally {
    await world.stop();
  }
}

type Setting = {
  readonly world: ConformanceWorld;
  readonly aliases: Aliases;
  readonly scenes: PairScenes;
  readonly known: KnownDifference | null;
};

async function replay(pair: GoldenPair, { world, aliases, scenes, known }: Setting): Promise<Replayed> {
  if (!isServed(pair, world.routes)) return { pair, outcome: 'notServed' };
  try {
    await scenes.prepare(pair);
  } catch (error) {
    if (error instanceof NoSuchContext) return { pair, outcome: 'noSuchContext', why: error.message };
    throw error;
  }
  const reply = await ask(pair, world, aliases);
  if (isUnknownAction(pair, reply.text)) return { pair, outcome: 'notServed' };
  learn(pair, reply, aliases);
  await scenes.behind(pair);
  const now = asAnsweredNow(pair, known);
  const text = now.body === '' || now.body === null ? '' : JSON.stringify(now.body);
  const recording = { status: now.status, headers: now.headers, text: aliases.translated(text) };
  return { pair, ...compared(comparableRecording(recording, aliases), comparableReply(reply, aliases)) };
}

function ask({ group, as, request }: GoldenPair, world: ConformanceWorld, aliases: Aliases): Promise<Reply> {
  const headers = Object.entries(request.headers).filter(([name]) => name.toLowerCase() !== 'x-auth-token');
  const token = as === 'admin' && group === SECOND_INSTALLATION ? 'second admin' : as;
  const body = typeof request.body === 'string' ? request.body : JSON.stringify(request.body);
  return world.ask({
    method: request.method,
    path: aliases.translated(request.path),
    headers: { ...Object.fromEntries(headers), ...(token === null ? {} : { 'x-auth-token': token }) },
    payload: request.body === null || request.body === undefined ? null : aliases.translated(body),
  });
}

/** What the answer gave a name to: the request, and the server that it created. */
function learn({ request, response }: GoldenPair, { headers, text }: Reply, aliases: Aliases): void {
  const [recorded, ours] = [response.headers['x-compute-request-id'], headers.get('x-compute-request-id')?.[0]];
  if (recorded !== undefined && ours !== undefined) {
    aliases.learn(recorded.slice('req-'.length), ours.slice('req-'.length));
  }
  if (request.method !== 'POST' || !request.path.endsWith('/servers')) return;
  const [theirServer] = describedIn(response.body);
  const [ourServer] = describedIn(text.startsWith('{') ? JSON.parse(text) : null);
  if (typeof theirServer?.['id'] === 'string' && typeof ourServer?.['id'] === 'string') {
    aliases.learn(theirServer['id'], ourServer['id']);
  }
}

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
