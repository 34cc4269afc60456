import { KEY_PAIRS_MAX, type KeyPairType } from '../domain/key-pair/key-pair.ts';
import type { UserId } from '../domain/shared/ids.ts';
import { KEY_PAIR, keyPairStream } from './catalogue-aggregates.ts';
import type { CommandGateway } from './command-gateway.ts';
import type { Answer } from './compute-api-answer.ts';
import type { RequestContext } from './request-context.ts';
import type { Views } from './views/views.ts';

export type NewKeyPair = {
  readonly userId: UserId;
  readonly name: string;
  readonly keyType: KeyPairType;
  readonly publicKey: string;
  readonly fingerprint: string;
};

/** Public keys of users. Private ones are made at the edge and never come here. */
export class KeyPairsApi {
  readonly #gateway: CommandGateway;
  readonly #views: Views;

  constructor(gateway: CommandGateway, views: Views) {
    this.#gateway = gateway;
    this.#views = views;
  }

  async create(context: RequestContext, keyPair: NewKeyPair): Promise<Answer<null>> {
    const { userId, name } = keyPair;
    if (this.#views.keyPairs.ofUser(userId).length >= KEY_PAIRS_MAX) {
      return { accepted: false, refusal: { reason: 'TooManyKeyPairs' } };
    }
    const { at } = this.#gateway.asked(context);
    return this.#gateway.tell(context, KEY_PAIR, keyPairStream(userId, name), {
      type: 'CreateKeyPair',
      ...keyPair,
      at,
    });
  }

  delete(context: RequestContext, userId: UserId, name: string): Promise<Answer<null>> {
    const { at } = this.#gateway.asked(context);
    return this.#gateway.tell(context, KEY_PAIR, keyPairStream(userId, name), { type: 'DeleteKeyPair', at });
  }
}
