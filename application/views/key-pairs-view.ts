import { evolveKeyPair, INITIAL_KEY_PAIR, type PresentKeyPair } from '../../domain/key-pair/key-pair.ts';
import type { UserId } from '../../domain/shared/ids.ts';
import { isKeyPairEvent, keyPairStream } from '../catalogue-aggregates.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import { rowsOf, textsOf } from './saved-rows.ts';
import type { View } from './view.ts';

export type KeyPairRow = PresentKeyPair & {
  /** The integer id of the API: the order of creation in the log. */
  readonly number: number;
};

type Saved = readonly ['row', stream: string, KeyPairRow] | readonly ['created', number];

/** Every user's key pairs. */
export class KeyPairsView implements View {
  readonly #rows = new Map<string, KeyPairRow>();
  #created = 0;

  project({ stream, data }: RecordedEvent): void {
    if (!isKeyPairEvent(data)) return;
    const state = evolveKeyPair(INITIAL_KEY_PAIR, data);
    this.#rows.delete(stream);
    if (state.existence === 'present') this.#rows.set(stream, { ...state, number: (this.#created += 1) });
  }

  save(): Iterable<string> {
    const rows = [...this.#rows].map(([stream, row]): Saved => ['row', stream, row]);
    return textsOf([...rows, ['created', this.#created] satisfies Saved]);
  }

  restore(saved: Iterable<string>): void {
    for (const one of rowsOf<Saved>(saved)) {
      if (one[0] === 'row') this.#rows.set(one[1], one[2]);
      else this.#created = one[1];
    }
  }

  find(user: UserId, name: string): KeyPairRow | null {
    return this.#rows.get(keyPairStream(user, name)) ?? null;
  }

  /** By name, as Nova pages through them. */
  ofUser(user: UserId): readonly KeyPairRow[] {
    return [...this.#rows.values()]
      .filter(({ userId }) => userId === user)
      .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }
}
