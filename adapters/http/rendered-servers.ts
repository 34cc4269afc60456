import type { ServerRow } from '../../application/views/servers-view.ts';
import type { InstanceId } from '../../domain/shared/ids.ts';
import { JoinedLists } from './joined-lists.ts';
import type { ServerSurroundings } from './representations/server.ts';

/** About thirty thousand servers without metadata. */
const RENDERED_BYTES_MAX = 64 * 1024 * 1024;

/** What may change about a representation while neither the server nor who asks does. */
type Changing = Pick<ServerSurroundings, 'hostStatus' | 'hypervisorHostname' | 'extraSpecs' | 'progress'>;

type Rendered = Changing & { readonly row: ServerRow; readonly json: Buffer };

/**
 * The JSON of servers in lists, kept for as long as it is what would be made anew: a row of the view is another object
 * after each event of its server. `variant`: all else that the JSON depends on, such as the microversion.
 */
export class RenderedServers {
  readonly #bytesMax: number;
  /** The variant that was asked for longest ago comes first. */
  readonly #variants = new Map<string, Map<InstanceId, Rendered>>();
  readonly #lists = new JoinedLists();
  #bytes = 0;

  constructor(bytesMax = RENDERED_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** What is kept of the representations in all variants. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The body of a list; `end`: what comes behind the servers. Each part is bytes that `variant` has answered, and
   * another object for another content, so an answer of the same parts is the same.
   */
  list(servers: readonly Buffer[], end: string): Buffer {
    return this.#lists.joined(servers, end);
  }

  /** Renders servers for one answer. */
  variant(variant: string): (row: ServerRow, changing: Changing, render: () => object) => Buffer {
    const rendered = this.#variants.get(variant) ?? new Map<InstanceId, Rendered>();
    this.#variants.delete(variant);
    this.#variants.set(variant, rendered);
    return (row, changing, render) => {
      const known = rendered.get(row.instanceId);
      if (known !== undefined && isStillRight(known, row, changing)) return known.json;
      const json = Buffer.from(JSON.stringify(render()));
      const { hostStatus, hypervisorHostname, extraSpecs, progress } = changing;
      rendered.set(row.instanceId, { row, json, hostStatus, hypervisorHostname, extraSpecs, progress });
      this.#bytes += json.length - (known?.json.length ?? 0);
      if (this.#bytes > this.#bytesMax) this.#forgetOldest();
      return json;
    };
  }

  /** Answers are made one at a time, so the newest variant is the one that grows: it is emptied last, and kept. */
  #forgetOldest(): void {
    for (const [variant, rendered] of this.#variants) {
      if (this.#bytes <= this.#bytesMax) return;
      for (const { json } of rendered.values()) this.#bytes -= json.length;
      rendered.clear();
      if (this.#variants.size > 1) this.#variants.delete(variant);
    }
  }
}

function isStillRight(known: Rendered, row: ServerRow, changing: Changing): boolean {
  return (
    known.row === row &&
    known.hostStatus === changing.hostStatus &&
    known.hypervisorHostname === changing.hypervisorHostname &&
    known.extraSpecs === changing.extraSpecs &&
    known.progress === changing.progress
  );
}
