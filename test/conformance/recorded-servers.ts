import type { GoldenPair } from './golden-pairs.ts';
import { userNamed, type UserName } from './recorded-identity.ts';

/** A server of the recording: what it must be when it is met. */
export type RecordedServer = {
  readonly id: string;
  readonly name: string;
  readonly owner: UserName;
  readonly host: 'cmp1' | 'cmp2';
  /** Created before 2.19, where a server is described by its name. */
  readonly describedByName: boolean;
  readonly tags: readonly string[];
};

const server = (id: string, name: string, host: RecordedServer['host'], owner: UserName = 'admin'): RecordedServer => ({
  id,
  name,
  owner,
  host,
  describedByName: false,
  tags: [],
});

/** The recorder's cast, in the order of creation: servers that are acted on, of which no answer says everything. */
const CAST: readonly RecordedServer[] = [
  server('11c54e10-811f-469e-81b1-372a0102d5cd', 'g', 'cmp2', 'demo'),
  server('7d8cdca7-a496-44ac-ba75-ac688f4e8110', 'act', 'cmp1'),
  server('22044482-f450-44bc-809a-df6d352f2267', 'pau', 'cmp1'),
  server('7c3456ec-b51d-4cae-8823-85fe6fbae58a', 'res', 'cmp1'),
  server('a0b3964b-0080-4b80-8261-6745fea8dedc', 'shu', 'cmp1'),
  server('e3d12613-773d-4536-9e4e-6841fc4322cc', 'err', 'cmp1'),
  server('279865f2-f485-4a63-b8fb-ccc2f5556b2e', 'sus', 'cmp1'),
  server('241df994-9804-49dd-849e-5fdb2b0a891e', 'ver', 'cmp2'),
  server('e7d0c7f3-b436-4594-98ce-691f9c28ccf8', 'lok', 'cmp1'),
  server('66c0b8a0-a952-4e5d-a6c4-e6bdd8c032cf', 'tsk', 'cmp2'),
  server('fc8c5694-ad87-4b03-9f06-f2866bc39d73', 'shl', 'cmp2'),
  server('2d70f65e-13af-41f8-a873-092df8290b82', 'fre', 'cmp2'),
  server('7740bbe0-ce33-47df-ad9e-dff2abe73cf3', 'mig', 'cmp2'),
  server('de8609b6-aa08-446e-bd9d-f5f32fcb7467', 'dlk', 'cmp2', 'demo'),
  server('b05a83bc-9a53-46cc-a708-2536b3890dbf', 'dem', 'cmp2', 'demo'),
  server('061f25f6-7996-4e0e-b2c7-d55568e98026', 'down', 'cmp1', 'second admin'),
];

/** Of the first installation. */
export const isOfCast = ({ id, owner }: RecordedServer): boolean =>
  owner !== 'second admin' && CAST.some((member) => member.id === id);

type Described = Readonly<Record<string, unknown>>;

/** Every server that an answer tells of, by its id; the cast, where nobody tells. */
export function recordedServers(pairs: readonly GoldenPair[]): ReadonlyMap<string, RecordedServer> {
  const servers = new Map(CAST.map((known) => [known.id, known]));
  for (const described of pairs.flatMap(({ response }) => describedIn(response.body))) {
    const { id, name, user_id: owner, 'OS-EXT-SRV-ATTR:host': host } = described;
    if (typeof id !== 'string' || typeof name !== 'string' || servers.has(id)) continue;
    servers.set(id, {
      id,
      name,
      owner: (typeof owner === 'string' ? userNamed(owner) : null) ?? 'admin',
      host: host === 'cmp1' || host === 'cmp2' ? host : (hostByFilter(pairs, id) ?? 'cmp2'),
      describedByName: described['description'] === name,
      tags: describedIn(found(pairs, '/servers?tags=x')).some((tagged) => tagged['id'] === id) ? ['x'] : [],
    });
  }
  return servers;
}

/** The server or the servers of an answer. */
export function describedIn(body: unknown): readonly Described[] {
  if (typeof body !== 'object' || body === null) return [];
  const { server: one, servers: many } = body as { readonly server?: unknown; readonly servers?: unknown };
  return [one, ...(Array.isArray(many) ? many : [])].filter(
    (each): each is Described => typeof each === 'object' && each !== null,
  );
}

function hostByFilter(pairs: readonly GoldenPair[], id: string): RecordedServer['host'] | null {
  return describedIn(found(pairs, '/servers?host=cmp1')).some((onCmp1) => onCmp1['id'] === id) ? 'cmp1' : null;
}

const found = (pairs: readonly GoldenPair[], pathEnd: string): unknown =>
  pairs.find(({ as, request }) => as === 'admin' && request.path.endsWith(pathEnd))?.response.body;
