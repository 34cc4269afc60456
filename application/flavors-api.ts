import type { Flavor, FlavorCommand } from '../domain/flavor/flavor.ts';
import { FLAVOR, flavorStream } from './catalogue-aggregates.ts';
import type { CommandGateway, GatewayDependencies } from './command-gateway.ts';
import type { Answer } from './compute-api-answer.ts';
import type { Flavors } from './ports/flavors.ts';
import type { RequestContext } from './request-context.ts';

type WithoutFacts<Command> = Command extends unknown ? Omit<Command, 'at' | 'configured'> : never;

/** What administrators do to flavors. Servers keep the flavor they were made of. */
export class FlavorsApi {
  readonly #gateway: CommandGateway;
  readonly #flavors: Flavors;
  readonly #ids: GatewayDependencies['ids'];

  constructor(gateway: CommandGateway, flavors: Flavors, ids: GatewayDependencies['ids']) {
    this.#gateway = gateway;
    this.#flavors = flavors;
    this.#ids = ids;
  }

  /** `id` null or `auto`: one is made. */
  async create(
    context: RequestContext,
    { id, ...wanted }: Omit<Flavor, 'id'> & { readonly id: string | null },
  ): Promise<Answer<Flavor>> {
    if (this.#flavors.all().some(({ name }) => name === wanted.name)) {
      return { accepted: false, refusal: { reason: 'FlavorNameTaken', name: wanted.name } };
    }
    const flavor: Flavor = { ...wanted, id: id === null || id === 'auto' ? this.#ids.uuid() : id };
    const answer = await this.change(context, flavor.id, { type: 'CreateFlavor', flavor });
    return answer.accepted ? { accepted: true, value: flavor } : answer;
  }

  change(context: RequestContext, id: string, command: WithoutFacts<FlavorCommand>): Promise<Answer<null>> {
    const { at } = this.#gateway.asked(context);
    const configured = this.#flavors.find(id);
    return this.#gateway.tell(context, FLAVOR, flavorStream(id), { ...command, configured, at });
  }
}
