/** Twice the largest list of servers without metadata. */
const BYTES_MAX = 8 * 1024 * 1024;

type Joined = { readonly servers: readonly Buffer[]; readonly end: string; readonly body: Buffer };

const BEGIN = Buffer.from('{"servers":[');
const BETWEEN = Buffer.from(',');

/**
 * Whole lists, kept for as long as they are asked for again and nothing in them has changed. Two megabytes that are
 * copied anew for each answer cost more than all else that makes it, and lie about until the collector comes.
 */
export class JoinedLists {
  readonly #bytesMax: number;
  /** The one that was asked for longest ago comes first. */
  readonly #lists = new Set<Joined>();
  #bytes = 0;

  constructor(bytesMax = BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** What is kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** `servers`: the same bytes are the same object. */
  joined(servers: readonly Buffer[], end: string): Buffer {
    for (const list of this.#lists) {
      if (!isMadeOf(list, servers, end)) continue;
      this.#lists.delete(list);
      this.#lists.add(list);
      return list.body;
    }
    const body = Buffer.concat([BEGIN, ...separated(servers), Buffer.from(`]${end}}`)]);
    this.#keep({ servers, end, body });
    return body;
  }

  #keep(list: Joined): void {
    this.#lists.add(list);
    this.#bytes += list.body.length;
    for (const oldest of this.#lists) {
      if (this.#bytes <= this.#bytesMax) return;
      this.#lists.delete(oldest);
      this.#bytes -= oldest.body.length;
    }
  }
}

const separated = (servers: readonly Buffer[]): readonly Buffer[] =>
  servers.flatMap((server, index) => (index === 0 ? [server] : [BETWEEN, server]));

function isMadeOf(list: Joined, servers: readonly Buffer[], end: string): boolean {
  return (
    list.end === end &&
    list.servers.length === servers.length &&
    list.servers.every((server, index) => server === servers[index])
  );
}
