import { z } from 'zod';
import type { Flavor } from '../../../domain/flavor/flavor.ts';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import { pythonRepr } from '../python-repr.ts';
import { supports } from '../supports.ts';
import { booleanParameter, boundedString, closedObject, notOfType } from './json-schema-types.ts';
import { patternedRecord } from './patterned-record.ts';
import { resourceName } from './resource-name.ts';
import { wholeNumber } from './whole-number.ts';

const EXTRA_SPECS_MAX = 1000;
const EXTRA_SPEC_KEY = /^[a-zA-Z0-9-_:. ]{1,255}$/;

const id = z.union(
  [
    boundedString({ charactersMin: 1, charactersMax: 255, pattern: /^(?! )[a-zA-Z0-9. _-]+(?<! )$/ }),
    z.int().min(0).transform(String),
  ],
  {
    error: ({ input }) =>
      input === null
        ? notOfType('string', 'number')({ input })
        : `${pythonRepr(input)} is not valid under any of the given schemas`,
  },
);
const description = boundedString({ charactersMax: 65_535, types: ['string', 'null'] })
  .nullable()
  .optional();

const flavor = {
  name: resourceName,
  id: id.nullable().optional(),
  ram: wholeNumber(1),
  vcpus: wholeNumber(1),
  disk: wholeNumber(0),
  'OS-FLV-EXT-DATA:ephemeral': wholeNumber(0).optional(),
  swap: wholeNumber(0).optional(),
  rxtx_factor: z.union([z.number(), boundedString({ charactersMax: 20, pattern: /^[0-9]+(\.[0-9]+)?$/ })]).optional(),
  'os-flavor-access:is_public': booleanParameter.optional(),
};

export type NewFlavor = Omit<Flavor, 'id'> & { readonly id: string | null };

type Given = {
  readonly name: string;
  readonly id?: string | null | undefined;
  readonly ram: number;
  readonly vcpus: number;
  readonly disk: number;
  readonly 'OS-FLV-EXT-DATA:ephemeral'?: number | undefined;
  readonly swap?: number | undefined;
  readonly 'os-flavor-access:is_public'?: boolean | undefined;
  readonly description?: string | null | undefined;
};

function read({ flavor: given }: { readonly flavor: Given }): NewFlavor {
  return {
    id: given.id ?? null,
    name: given.name,
    ramMiB: given.ram,
    vcpus: given.vcpus,
    diskGiB: given.disk,
    ephemeralGiB: given['OS-FLV-EXT-DATA:ephemeral'] ?? 0,
    swapMiB: given.swap ?? 0,
    description: given.description ?? null,
    extraSpecs: {},
    isPublic: given['os-flavor-access:is_public'] ?? true,
  };
}

const SINCE_2_1 = closedObject({ flavor: closedObject(flavor) }).transform(read);
const SINCE_2_55 = closedObject({ flavor: closedObject({ ...flavor, description }) }).transform(read);

/** `POST /flavors`. */
export const flavorSchema = (microversion: Microversion): z.ZodType<NewFlavor> =>
  supports(microversion, 55) ? SINCE_2_55 : SINCE_2_1;

/** `PUT /flavors/{id}`, since 2.55. */
export const FLAVOR_DESCRIPTION_SCHEMA = closedObject({
  flavor: closedObject({ description: boundedString({ charactersMax: 65_535, types: ['string', 'null'] }).nullable() }),
});

const value = z.union([boundedString({ charactersMax: 255 }), z.number().transform(String)], {
  error: notOfType('string', 'number'),
});

const extraSpecs = patternedRecord(EXTRA_SPEC_KEY, value).refine(
  (specs) => Object.keys(specs).length <= EXTRA_SPECS_MAX,
  { error: 'too many extra specs' },
);

export const EXTRA_SPECS_SCHEMA = closedObject({ extra_specs: extraSpecs });

/** The one of `PUT /flavors/{id}/os-extra_specs/{key}`. */
export const ONE_EXTRA_SPEC_SCHEMA = extraSpecs.refine((specs) => Object.keys(specs).length === 1, {
  error: ({ input }) => `${pythonRepr(input)} has too many properties`,
});
