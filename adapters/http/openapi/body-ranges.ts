import { z } from 'zod';
import { MAXIMUM_MICROVERSION } from '../../../domain/service-version/microversion.ts';
import type { ComputeRoute, DescribedAction } from '../compute-route.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** What a body looks like from one minor microversion to another, both included. */
export type BodyRange = {
  /** Null where the body is not an action. */
  readonly action: string | null;
  readonly first: number;
  readonly last: number;
  readonly schema: JsonSchema;
};

/**
 * The bodies of a route at each microversion, made from the schemas that check them. What a JSON schema cannot say
 * (the rules between fields, the sentences of refusals) is left out, so it accepts a little more than the server does.
 */
export function bodyRanges({ bodySchemaAt, actions, since, until }: ComputeRoute): readonly BodyRange[] {
  const plain = bodySchemaAt === null ? [] : schemaRanges(null, { bodySchemaAt, since }, until);
  return [...plain, ...[...actions].flatMap(([name, action]) => schemaRanges(name, action, until))];
}

/** A body at each microversion, with neighbours that are the same taken together. */
export function schemaRanges(
  action: string | null,
  { bodySchemaAt, since }: DescribedAction,
  until: number,
): readonly BodyRange[] {
  const ranges: (BodyRange & { readonly made: z.ZodType })[] = [];
  const end = Math.min(until, MAXIMUM_MICROVERSION.minor);
  for (let minor = since; minor <= end; minor += 1) {
    const made = bodySchemaAt({ major: MAXIMUM_MICROVERSION.major, minor });
    const before = ranges.at(-1);
    const schema = before?.made === made ? before.schema : jsonSchemaOf(made);
    const isSame = JSON.stringify(before?.schema) === JSON.stringify(schema);
    if (isSame) ranges.pop();
    const first = isSame && before !== undefined ? before.first : minor;
    ranges.push({ action, first, last: minor, schema, made });
  }
  return ranges.map(({ made: _made, ...range }) => range);
}

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
  });
  return rest;
}
