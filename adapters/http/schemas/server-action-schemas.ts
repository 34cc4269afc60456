import { z } from 'zod';
import type { RebootType } from '../../../domain/instance/instance-events.ts';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import { imageId, type ImageId } from '../../../domain/shared/ids.ts';
import { supports } from '../supports.ts';
import { boundedString, closedObject, oneOf, uuidString } from './json-schema-types.ts';

/** What each action's body holds, once read. Every one is an object with the action's name as its only key. */

const PASSWORD_CHARACTERS_MAX = 255;
const LOCKED_REASON_CHARACTERS_MAX = 255;

export type RescueBody = { readonly adminPass: string | null; readonly rescueImageId: ImageId | null };

const rescueFields = closedObject(
  {
    adminPass: boundedString({ charactersMax: PASSWORD_CHARACTERS_MAX }).optional(),
    rescue_image_ref: uuidString.optional(),
  },
  'null',
).nullable();

export const RESCUE_SCHEMA: z.ZodType<RescueBody> = closedObject({ rescue: rescueFields }).transform(({ rescue }) => ({
  adminPass: rescue?.adminPass ?? null,
  rescueImageId: rescue?.rescue_image_ref === undefined ? null : imageId(rescue.rescue_image_ref),
}));

/** For the actions whose value says nothing, and which Nova therefore does not look at. */
export function anyValueSchema(action: string): z.ZodType<null> {
  const schema = ANY_VALUE.get(action) ?? closedObject({ [action]: z.unknown() }).transform(() => null);
  ANY_VALUE.set(action, schema);
  return schema;
}

/** One for each action there is, and not one for each request. */
const ANY_VALUE = new Map<string, z.ZodType<null>>();

export const REBOOT_SCHEMA: z.ZodType<RebootType> = closedObject({
  reboot: closedObject({ type: oneOf(['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft']) }),
}).transform(({ reboot }) => (reboot.type.toUpperCase() === 'HARD' ? 'HARD' : 'SOFT'));

const LOCK_WITH_REASON: z.ZodType<string | null> = closedObject({
  lock: closedObject(
    { locked_reason: boundedString({ charactersMin: 1, charactersMax: LOCKED_REASON_CHARACTERS_MAX }).optional() },
    'null',
  ).nullable(),
}).transform(({ lock }) => lock?.locked_reason ?? null);

/** A reason can be given since 2.73. */
export const lockSchema = (microversion: Microversion): z.ZodType<string | null> =>
  supports(microversion, 73) ? LOCK_WITH_REASON : anyValueSchema('lock');

export const RESET_STATE_SCHEMA: z.ZodType<'active' | 'error'> = closedObject({
  'os-resetState': closedObject({ state: oneOf(['active', 'error']) }),
}).transform((body) => body['os-resetState'].state);
