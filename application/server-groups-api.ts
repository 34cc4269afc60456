import { SERVER_GROUPS_MAX, type ServerGroupPolicy } from '../domain/server-group/server-group.ts';
import { serverGroupId, type ServerGroupId } from '../domain/shared/ids.ts';
import { SERVER_GROUP, serverGroupStream } from './catalogue-aggregates.ts';
import type { CommandGateway, GatewayDependencies } from './command-gateway.ts';
import type { Answer } from './compute-api-answer.ts';
import type { RequestContext } from './request-context.ts';

export type NewServerGroup = {
  readonly name: string;
  readonly policy: ServerGroupPolicy;
  readonly maxServerPerHost: number | null;
};

/** Groups of servers that are to share hosts, or not to. */
export class ServerGroupsApi {
  readonly #gateway: CommandGateway;
  readonly #dependencies: Pick<GatewayDependencies, 'ids' | 'views'>;

  constructor(gateway: CommandGateway, dependencies: Pick<GatewayDependencies, 'ids' | 'views'>) {
    this.#gateway = gateway;
    this.#dependencies = dependencies;
  }

  async create(context: RequestContext, group: NewServerGroup): Promise<Answer<ServerGroupId>> {
    const { ids, views } = this.#dependencies;
    if (views.serverGroups.all(context.projectId).length >= SERVER_GROUPS_MAX) {
      return { accepted: false, refusal: { reason: 'TooManyServerGroups' } };
    }
    const id = serverGroupId(ids.uuid());
    const { initiator, at } = this.#gateway.asked(context);
    const command = { type: 'CreateServerGroup', serverGroupId: id, ...group, initiator, at } as const;
    const answer = await this.#gateway.tell(context, SERVER_GROUP, serverGroupStream(id), command);
    return answer.accepted ? { accepted: true, value: id } : answer;
  }

  delete(context: RequestContext, id: ServerGroupId): Promise<Answer<null>> {
    const { at } = this.#gateway.asked(context);
    return this.#gateway.tell(context, SERVER_GROUP, serverGroupStream(id), { type: 'DeleteServerGroup', at });
  }
}
