import { z } from 'zod';
import type { RebuildServer, ResizeServer } from '../../../application/server-changes-api.ts';
import type { CreateImage } from '../../../application/create-image.ts';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import { imageId } from '../../../domain/shared/ids.ts';
import { supports } from '../supports.ts';
import { booleanParameter, boundedString, closedObject, oneOf, uuidString } from './json-schema-types.ts';
import { DETAILS, detailsOf } from './server-details-schema.ts';
import { metadataItems } from './server-metadata-schema.ts';
import { resourceName } from './resource-name.ts';
import { userData } from './user-data-schema.ts';

export type RebuildBody = RebuildServer & { readonly adminPass: string | null };

const PASSWORD_CHARACTERS_MAX = 255;

const adminPass = boundedString({ charactersMax: PASSWORD_CHARACTERS_MAX });
const { description, hostname, ...detailsSince1 } = DETAILS;

const always = {
  imageRef: uuidString,
  adminPass: adminPass.optional(),
  name: resourceName.optional(),
  metadata: metadataItems.optional(),
  preserve_ephemeral: booleanParameter.optional(),
  ...detailsSince1,
};
// Asks for nothing when it is null, and nothing else can be had here.
const nothing = z.null().optional();
const keyName = boundedString({ charactersMin: 1, charactersMax: 255, types: ['string', 'null'] })
  .nullable()
  .optional();
const personality = { personality: z.array(z.unknown()).max(0).optional() };

type Given = Omit<z.output<z.ZodObject<typeof always>>, 'description'> &
  Parameters<typeof detailsOf>[0] & {
    readonly key_name?: string | null | undefined;
    readonly user_data?: string | null | undefined;
  };

function read({ rebuild }: { readonly rebuild: Given }): RebuildBody {
  return {
    imageId: imageId(rebuild.imageRef),
    adminPass: rebuild.adminPass ?? null,
    name: rebuild.name ?? null,
    metadata: rebuild.metadata ?? null,
    details: detailsOf(rebuild),
    ...guestDataOf(rebuild),
  };
}

/** Null takes it away, and what is left out stays. */
function guestDataOf({ key_name: key, user_data: data }: Given): Pick<RebuildBody, 'guestData'> {
  if (key === undefined && data === undefined) return {};
  return {
    guestData: {
      ...(key === undefined ? {} : { keyName: key }),
      ...(data === undefined ? {} : { userData: data }),
    },
  };
}

const SINCE_2_1 = closedObject({ rebuild: closedObject({ ...always, ...personality }) }).transform(read);
const SINCE_2_19 = closedObject({ rebuild: closedObject({ ...always, ...personality, description }) }).transform(read);
const SINCE_2_54 = closedObject({
  rebuild: closedObject({ ...always, ...personality, description, key_name: keyName }),
}).transform(read);
const later = {
  ...always,
  description,
  key_name: keyName,
  user_data: userData('string', 'null').nullable().optional(),
};
const SINCE_2_57 = closedObject({ rebuild: closedObject(later) }).transform(read);
const certificates = { trusted_image_certificates: nothing };
const SINCE_2_63 = closedObject({ rebuild: closedObject({ ...later, ...certificates }) }).transform(read);
const SINCE_2_90 = closedObject({ rebuild: closedObject({ ...later, ...certificates, hostname }) }).transform(read);

/** `rebuild`. What cannot be had (files, certificates) is refused and never left out in silence. */
export function rebuildSchema(microversion: Microversion): z.ZodType<RebuildBody> {
  if (supports(microversion, 90)) return SINCE_2_90;
  if (supports(microversion, 63)) return SINCE_2_63;
  if (supports(microversion, 57)) return SINCE_2_57;
  if (supports(microversion, 54)) return SINCE_2_54;
  return supports(microversion, 19) ? SINCE_2_19 : SINCE_2_1;
}

export const RESIZE_SCHEMA: z.ZodType<ResizeServer> = closedObject({
  resize: closedObject({
    flavorRef: z.union([boundedString({ charactersMin: 1, charactersMax: 255 }), z.int().min(0).transform(String)]),
    'OS-DCF:diskConfig': oneOf(['AUTO', 'MANUAL']).optional(),
  }),
}).transform(({ resize }) => ({
  // Clients may give a whole address.
  flavorId: resize.flavorRef.split('/').at(-1) ?? resize.flavorRef,
  details: detailsOf(resize),
}));

export const CREATE_IMAGE_SCHEMA: z.ZodType<CreateImage> = closedObject({
  createImage: closedObject({ name: resourceName, metadata: metadataItems.optional() }),
}).transform(({ createImage: { name, metadata = {} } }) => ({ name, metadata }));

/** The password itself is not read: nothing here could set it. */
export const CHANGE_PASSWORD_SCHEMA: z.ZodType<null> = closedObject({
  changePassword: closedObject({ adminPass }),
}).transform(() => null);
