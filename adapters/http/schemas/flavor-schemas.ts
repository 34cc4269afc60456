import { z } from 'zod';
import type { Flavor } from '../../../domain/flavor/flavor.ts';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import { pythonRepr } from '../python-repr.ts';
import { supports } from '../supports.ts';
import { booleanParameter, boundedString, closedObject, notOfType } from './json-schema-types.ts';
import { patternedRecord } from './patterned-record.ts';

const INTEGER_MAX = 0x7fffffff;
const EXTRA_SPECS_MAX = 1000;
const EXTRA_SPEC_KEY = /^[a-zA-Z0-9-_:. ]{1,255}$/;

const WHOLE = /^[0-9]{1,10}$/;

/** A number, or its digits; clients send both. */
const whole = (minimum: number) =>
  z.unknown().transform((given, context) => {
    const refuse = (message: string): never => {
      context.addIssue({ code: 'custom', message, input: given });
      return z.NEVER;
    };
    const number = typeof given === 'string' && WHOLE.test(given) ? Number(given) : given;
    if (typeof number === 'string') return refuse(`${pythonRepr(given)} does not match '^[0-9]*$'`);
    if (typeof number !== 'number' || !Number.isInteger(number)) {
      return refuse(notOfType('integer', 'string')({ input: given }));
    }
    if (number < minimum) return refuse(`${number} is less than the minimum of ${minimum}`);
    return number > INTEGER_MAX ? refuse(`${number} is greater than the maximum of ${INTEGER_MAX}`) : number;
  });

const trimmedName = boundedString({ charactersMin: 1, charactersMax: 255, pattern: /^(?! )[^\p{Cc}]*(?<! )$/u });
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
  name: trimmedName,
  id: id.nullable().optional(),
  ram: whole(1),
  vcpus: whole(1),
  disk: whole(0),
  'OS-FLV-EXT-DATA:ephemeral': whole(0).optional(),
  swap: whole(0).optional(),
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
