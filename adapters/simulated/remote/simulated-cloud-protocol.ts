import { z } from 'zod';
import type { MigrationPhase } from '../../../domain/migration/saga-events.ts';
import type { MigrationProgress } from '../../../application/ports/hypervisor-driver.ts';

/** From a process that uses the cloud. */
export const clientMessage = z.union([
  /** Who it is, first of all. */
  z.object({ hello: z.string() }),
  /** `target`: a host, or `transfer`, or `images`. */
  z.object({ call: z.int(), target: z.string(), method: z.string(), args: z.array(z.unknown()) }),
  /** The phase may begin (null), or may not, and why. */
  z.object({ answer: z.int(), refusal: z.string().nullable() }),
  z.object({ pong: z.int() }),
]);
export type ClientMessage = z.infer<typeof clientMessage>;

/** From the cloud. `phase` waits for an answer; `call` names the migration that it belongs to. */
export type ServerMessage =
  | { readonly result: number; readonly value: unknown }
  | { readonly failure: number; readonly reason: string }
  | { readonly phase: MigrationPhase; readonly call: number; readonly ask: number }
  | { readonly progress: MigrationProgress; readonly call: number }
  | { readonly ping: number };

/** What cannot travel as itself: another driver goes by its host's name, bytes as text, the listener as its place. */
export type Parcel =
  | { readonly parcel: 'driver'; readonly host: string }
  | { readonly parcel: 'listener' }
  | { readonly parcel: 'content'; readonly sizeBytes: number; readonly sha256: string | null; readonly base64: string };

export const parcel: z.ZodType<Parcel> = z.discriminatedUnion('parcel', [
  z.object({ parcel: z.literal('driver'), host: z.string() }),
  z.object({ parcel: z.literal('listener') }),
  z.object({
    parcel: z.literal('content'),
    sizeBytes: z.number(),
    sha256: z.string().nullable(),
    base64: z.string(),
  }),
]);

type Content = {
  readonly sizeBytes: number;
  readonly sha256: string | null;
  readonly bytes: AsyncIterable<Uint8Array>;
};

export const isContent = (value: unknown): value is Content =>
  typeof value === 'object' && value !== null && 'bytes' in value && 'sizeBytes' in value;

/** Reads the whole content; throws what reading throws. */
export async function packContent({ sizeBytes, sha256, bytes }: Content): Promise<Parcel> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return { parcel: 'content', sizeBytes, sha256, base64: Buffer.concat(chunks).toString('base64') };
}

/** The same content again, as one piece. */
export function unpackContent({ sizeBytes, sha256, base64 }: Extract<Parcel, { parcel: 'content' }>): Content {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(base64, 'base64');
  }
  return { sizeBytes, sha256, bytes: bytes() };
}

/** A call as it came, and the name of the process that made it. */
export type SeenCall = {
  readonly process: string;
  readonly target: string;
  readonly method: string;
  readonly args: readonly unknown[];
};
