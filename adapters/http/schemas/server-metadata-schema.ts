import { METADATA_ITEMS_MAX } from '../../../domain/instance/instance-details.ts';
import { pythonRepr } from '../python-repr.ts';
import { boundedString, closedObject } from './json-schema-types.ts';
import { patternedRecord } from './patterned-record.ts';

const KEY = /^[a-zA-Z0-9-_:. ]{1,255}$/;

/** Nova's type for the metadata of servers; far more items than the quota are refused before they are counted. */
export const metadataItems = patternedRecord(KEY, boundedString({ charactersMax: 255 })).refine(
  (items) => Object.keys(items).length <= 2 * METADATA_ITEMS_MAX,
  { error: 'too many metadata items' },
);

export const METADATA_SCHEMA = closedObject({ metadata: metadataItems });

export const META_ITEM_SCHEMA = closedObject({
  meta: metadataItems.refine((items) => Object.keys(items).length === 1, {
    error: ({ input }) =>
      `${pythonRepr(input)} ${Object.keys(input ?? {}).length === 0 ? 'does not have enough' : 'has too many'} properties`,
  }),
});
