import type { z } from 'zod';
import type { KeyPairType } from '../../../domain/key-pair/key-pair.ts';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import { supports } from '../supports.ts';
import { boundedString, closedObject, oneOf } from './json-schema-types.ts';

export type KeyPairBody = {
  readonly name: string;
  /** Null: one is to be made. */
  readonly publicKey: string | null;
  readonly keyType: KeyPairType;
  /** Null: the caller's own. */
  readonly userId: string | null;
};

const PUBLIC_KEY_CHARACTERS_MAX = 16_384;

const name = boundedString({ charactersMin: 1, charactersMax: 255 });
const publicKey = boundedString({ charactersMax: PUBLIC_KEY_CHARACTERS_MAX });
const type = oneOf(['ssh', 'x509']).optional();
const userId = boundedString({ charactersMin: 1, charactersMax: 255 }).optional();

type Given = {
  readonly name: string;
  readonly public_key?: string | undefined;
  readonly type?: KeyPairType | undefined;
  readonly user_id?: string | undefined;
};

const body = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => closedObject({ keypair: closedObject(shape) });

const read = ({ keypair }: { readonly keypair: Given }): KeyPairBody => ({
  name: keypair.name,
  publicKey: keypair.public_key ?? null,
  keyType: keypair.type ?? 'ssh',
  userId: keypair.user_id ?? null,
});

const SINCE_2_1 = body({ name, public_key: publicKey.optional() }).transform(read);
const SINCE_2_2 = body({ name, public_key: publicKey.optional(), type }).transform(read);
const SINCE_2_10 = body({ name, public_key: publicKey.optional(), type, user_id: userId }).transform(read);
const SINCE_2_92 = body({ name, public_key: publicKey, type, user_id: userId }).transform(read);

/** `POST /os-keypairs`. From 2.92 only import: private keys are made where they are used. */
export function keyPairSchema(microversion: Microversion): z.ZodType<KeyPairBody> {
  if (supports(microversion, 92)) return SINCE_2_92;
  if (supports(microversion, 10)) return SINCE_2_10;
  return supports(microversion, 2) ? SINCE_2_2 : SINCE_2_1;
}
