import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { derOf, fingerprintOf } from './anchor-key.ts';

const FILE_BYTES_MAX = 100_000;

/** What a log was at one moment. */
export type LogState = {
  /** How many events it had. */
  readonly events: number;
  /** Position of the last of them there; another store has other positions. */
  readonly position: number;
  readonly recordedAt: string;
  /** Hash of the whole log, by number and not by position: it stays the same when the log is moved. */
  readonly digest: string;
};

const anchorSchema = z.strictObject({
  lifeboatAnchor: z.literal(1),
  takenAt: z.iso.datetime(),
  events: z.number().int().min(1),
  position: z.number().int(),
  recordedAt: z.string().min(1),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  publicKey: z.base64(),
  signature: z.base64(),
});

/** A signed `LogState`, as it stands in its file. */
export type Anchor = z.infer<typeof anchorSchema>;

/** An anchor whose signature holds, and whose it is. */
export type CheckedAnchor = { readonly file: string; readonly anchor: Anchor; readonly fingerprint: string };

/** `takenAt`: ISO 8601, by the clock of whoever signs. */
export function signAnchor(state: LogState, takenAt: string, privateKey: KeyObject): Anchor {
  const { events, position, recordedAt, digest } = state;
  const unsigned = { lifeboatAnchor: 1, takenAt, events, position, recordedAt, digest } as const;
  return {
    ...unsigned,
    publicKey: derOf(createPublicKey(privateKey)).toString('base64'),
    signature: sign(null, signedText(unsigned), privateKey).toString('base64'),
  };
}

/** `trusted`: the only key that may have signed, or null for whichever the anchor names. Throws a sentence otherwise. */
export function readAnchor(file: string, trusted: KeyObject | null): CheckedAnchor {
  const anchor = parseAnchor(file);
  const named = createPublicKey({ key: Buffer.from(anchor.publicKey, 'base64'), type: 'spki', format: 'der' });
  if (trusted !== null && !trusted.equals(named)) {
    throw new Error(`${file}: signed by ${fingerprintOf(named)}, not by the given key ${fingerprintOf(trusted)}`);
  }
  if (named.asymmetricKeyType !== 'ed25519' || !verify(null, signedText(anchor), named, signatureOf(anchor))) {
    throw new Error(`${file}: its signature does not fit what it says: it was changed after it was signed`);
  }
  return { file, anchor, fingerprint: fingerprintOf(named) };
}

const signatureOf = ({ signature }: Anchor): Buffer => Buffer.from(signature, 'base64');

const signedText = ({ takenAt, events, position, recordedAt, digest }: Omit<Anchor, 'publicKey' | 'signature'>) =>
  Buffer.from(JSON.stringify(['lifeboat anchor 1', takenAt, events, position, recordedAt, digest]));

function parseAnchor(file: string): Anchor {
  try {
    if (statSync(file).size > FILE_BYTES_MAX) throw new Error(`it is larger than ${FILE_BYTES_MAX} bytes`);
    return anchorSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new Error(`${file} is no anchor of lifeboat audit anchor: ${why}`, { cause: error });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
