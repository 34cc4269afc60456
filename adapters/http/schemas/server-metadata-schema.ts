import { z } from 'zod';
import { METADATA_ITEMS_MAX } from '../../../domain/instance/instance-details.ts';
import { pythonRepr } from '../python-repr.ts';
import { boundedString, closedObject, notOfType } from './json-schema-types.ts';

const KEY = /^[a-zA-Z0-9-_:. ]{1,255}$/;

/** Nova's words for a key that no pattern of its schema knows. */
const foreignKeys = (input: object): string => {
  const wrong = Object.keys(input).filter((key) => !KEY.test(key));
  const verb = wrong.length === 1 ? 'does' : 'do';
  return `${wrong.map(pythonRepr).join(', ')} ${verb} not match any of the regexes: '^[a-zA-Z0-9-_:. ]{1,255}$'`;
};

/** Nova's type for the metadata of servers; far more items than the quota are refused before they are counted. */
export const metadataItems = z
  .record(z.string().regex(KEY), boundedString({ charactersMax: 255 }), {
    error: ({ input }) =>
      typeof input === 'object' && input !== null ? foreignKeys(input) : notOfType('object')({ input }),
  })
  .refine((items) => Object.keys(items).length <= 2 * METADATA_ITEMS_MAX, { error: 'too many metadata items' });

export const METADATA_SCHEMA = closedObject({ metadata: metadataItems });

export const META_ITEM_SCHEMA = closedObject({
  meta: metadataItems.refine((items) => Object.keys(items).length === 1, {
    error: ({ input }) =>
      `${pythonRepr(input)} ${Object.keys(input ?? {}).length === 0 ? 'does not have enough' : 'has too many'} properties`,
  }),
});
