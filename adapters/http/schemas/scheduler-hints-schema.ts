import { z } from 'zod';
import { boundedString, notOfType, uuidString } from './json-schema-types.ts';

const HINTS_MAX = 64;

const uuidOrUuids = z.union([uuidString, z.array(uuidString).max(HINTS_MAX)], { error: notOfType('string', 'array') });

/** Nova's hints; those that no scheduler here knows are kept and shown, and change nothing, as in Nova. */
export const schedulerHints = z
  .object(
    {
      group: uuidString.optional(),
      different_host: uuidOrUuids.optional(),
      same_host: uuidOrUuids.optional(),
    },
    { error: notOfType('object') },
  )
  .catchall(z.unknown())
  .transform((given) => {
    const kept = Object.entries(given).slice(0, HINTS_MAX);
    return Object.fromEntries(kept.flatMap(([name, value]) => (isHint(value) ? [[name, value] as const] : [])));
  });

const hint = z.union([
  boundedString({ charactersMax: 255 }),
  z.array(boundedString({ charactersMax: 255 })).max(HINTS_MAX),
]);

function isHint(value: unknown): value is string | readonly string[] {
  return hint.safeParse(value).success;
}
