import type { GoldenPair } from './golden-pairs.ts';
import { describedIn } from './recorded-servers.ts';

/** What a pair is asked in, where the recording says it only in the note, in the answer, or by what came before. */
export type PairContext = {
  /** Of the server in the path; null: it is left as it is. */
  readonly stage: string | null;
  readonly host: string | null;
  readonly down: readonly string[];
  readonly disabled: readonly string[];
};

const range = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_item, index) => first + index);

const STAGES: ReadonlyMap<number, string> = new Map<number, string>([
  // "two in a row: second", and what was tried while the first was going on.
  [355, 'MIGRATING'],
  [358, 'MIGRATING'],
  [368, 'MIGRATING'],
  // A finished unrescue, or one that is still going on: ACTIVE was seen before the 409.
  [446, 'ACTIVE'],
  [375, 'RESCUE locked'],
  [376, 'ACTIVE locked'],
  ...range(385, 397).map((n) => [n, 'ACTIVE'] as const),
  ...range(806, 828).map((n) => [n, 'ACTIVE'] as const),
  [835, 'MIGRATING/accepted'],
  [836, 'MIGRATING/accepted'],
  [838, 'MIGRATING/preparing'],
  [845, 'MIGRATING'],
  // Its request to migrate and its deletion were left out.
  [848, 'DELETED'],
]);

/** The servers that were asked to move were on this host. */
const HOSTS: ReadonlyMap<number, string> = new Map<number, string>([
  ...range(206, 213).map((n) => [n, 'cmp1'] as const),
  ...[351, 353].map((n) => [n, 'cmp2'] as const),
  ...range(360, 366).map((n) => [n, 'cmp1'] as const),
  ...range(560, 576).map((n) => [n, 'cmp2'] as const),
  [583, 'cmp2'],
  ...range(806, 848).map((n) => [n, 'cmp1'] as const),
]);

/** By their notes: "dest forced down", "source forced down", "dest disabled". The destination is cmp2. */
const DOWN: ReadonlyMap<number, readonly string[]> = new Map<number, readonly string[]>([
  [360, ['cmp2']],
  ...range(806, 816).map((n) => [n, ['cmp2']] as const),
  ...range(818, 828).map((n) => [n, ['cmp1']] as const),
]);
const DISABLED: ReadonlyMap<number, readonly string[]> = new Map([[366, ['cmp2']]]);

export function contextOf(pair: GoldenPair): PairContext {
  const { n, context } = pair;
  return {
    stage: STAGES.get(n) ?? (context === null ? stageAnswered(pair) : stageNamed(context)),
    host: HOSTS.get(n) ?? hostAnswered(pair),
    down: DOWN.get(n) ?? [],
    disabled: DISABLED.get(n) ?? [],
  };
}

/** Contexts of migrations, as what their server is doing. */
function stageNamed(context: string): string {
  if (context === 'running') return 'MIGRATING';
  return context === 'cancelled' || context === 'completed' ? 'ACTIVE' : context;
}

/** An answer that shows a server shows the context it was given in. */
function stageAnswered({ request, response }: GoldenPair): string | null {
  const [server] = describedIn(response.body);
  const alone = /\/servers\/[0-9a-f-]{36}$/.test(request.path) && request.method === 'GET';
  if (server === undefined || !alone) return response.status < 300 && request.method !== 'GET' ? 'ACTIVE' : null;
  const taskState = server['OS-EXT-STS:task_state'];
  return typeof taskState === 'string' ? `${String(server['status'])}/${taskState}` : String(server['status']);
}

function hostAnswered({ response, request }: GoldenPair): string | null {
  const [server] = describedIn(response.body);
  if (request.method !== 'GET' || server === undefined || request.path.includes('/servers/detail')) return null;
  const host = server['OS-EXT-SRV-ATTR:host'];
  return typeof host === 'string' ? host : null;
}
