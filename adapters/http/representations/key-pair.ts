import type { KeyPairRow } from '../../../application/views/key-pairs-view.ts';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import { supports } from '../supports.ts';
import { inMicroseconds } from '../time-format.ts';

/** A row of the list. */
export function keyPairSummary({ name, publicKey, fingerprint, keyType }: KeyPairRow, at: Microversion): object {
  return { name, public_key: publicKey, fingerprint, ...(supports(at, 2) ? { type: keyType } : {}) };
}

/** `GET /os-keypairs/{name}`. The private key is in no representation but the answer to its generation. */
export function keyPairDetail(row: KeyPairRow, microversion: Microversion): object {
  return {
    ...keyPairSummary(row, microversion),
    user_id: row.userId,
    id: row.number,
    deleted: false,
    created_at: inMicroseconds(row.createdAt),
    updated_at: null,
    deleted_at: null,
  };
}
